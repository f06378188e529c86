-- +goose NO TRANSACTION
-- MySQL commits each DDL statement by itself: one a file, and one that may run again after a crash.
-- +goose Up
CREATE TABLE IF NOT EXISTS apartments (
    id              BIGINT      NOT NULL AUTO_INCREMENT PRIMARY KEY,
    registration_id BINARY(16)  NULL,
    block_id        BIGINT      NOT NULL,
    floor           SMALLINT    NOT NULL,
    number          INT         NOT NULL,
    registered_by   BIGINT      NULL,
    registered_at   DATETIME(6) NOT NULL,
    UNIQUE KEY apartments_registration (registration_id),
    UNIQUE KEY apartments_number (block_id, number),
    CONSTRAINT apartments_block FOREIGN KEY (block_id) REFERENCES blocks (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4;
