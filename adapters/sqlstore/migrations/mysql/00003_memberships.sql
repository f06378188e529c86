-- +goose NO TRANSACTION
-- MySQL commits each DDL statement by itself: one a file, and one that may run again after a crash.
-- +goose Up
CREATE TABLE IF NOT EXISTS memberships (
    id           BIGINT      NOT NULL AUTO_INCREMENT PRIMARY KEY,
    user_id      BIGINT      NOT NULL,
    block_id     BIGINT      NOT NULL,
    apartment_id BIGINT      NULL,
    role         VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    status       VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    KEY memberships_user (user_id, block_id),
    CONSTRAINT memberships_block FOREIGN KEY (block_id) REFERENCES blocks (id),
    CONSTRAINT memberships_apartment FOREIGN KEY (apartment_id) REFERENCES apartments (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4;
