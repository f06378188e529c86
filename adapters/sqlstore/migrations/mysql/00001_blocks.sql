-- +goose NO TRANSACTION
-- MySQL commits each DDL statement by itself: one a file, and one that may run again after a crash.
-- +goose Up
CREATE TABLE IF NOT EXISTS blocks (
    id     BIGINT       NOT NULL PRIMARY KEY,
    name   VARCHAR(255) NOT NULL,
    status VARCHAR(16)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4;
