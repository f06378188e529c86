-- +goose NO TRANSACTION
-- MySQL commits each DDL statement by itself: one a file, and one that may run again after a crash.
-- +goose Up
CREATE TABLE IF NOT EXISTS logs (
    id              BIGINT      NOT NULL AUTO_INCREMENT PRIMARY KEY,
    registration_id BINARY(16)  NULL,
    user_id         BIGINT      NOT NULL,
    action          VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    block_id        BIGINT      NOT NULL,
    apartment_id    BIGINT      NULL,
    record_id       BIGINT      NOT NULL,
    longitude       DOUBLE      NULL,
    latitude        DOUBLE      NULL,
    created_at      DATETIME(6) NOT NULL,
    UNIQUE KEY logs_registration (registration_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4;
