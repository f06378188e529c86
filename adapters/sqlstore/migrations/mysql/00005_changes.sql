-- +goose NO TRANSACTION
-- MySQL commits each DDL statement by itself: one a file, and one that may run again after a crash.
-- The table has its own name once the copy is complete (00010): until then no program that needs it can write.
-- Programs of the releases before refuse to start from here on.
-- +goose Up
CREATE TABLE IF NOT EXISTS changes_new (
    block_id             BIGINT      NOT NULL,
    sequence             BIGINT      NOT NULL,
    change_set_id        BINARY(16)  NOT NULL,
    position             INT         NOT NULL,
    kind                 VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    apartment_id         BIGINT      NOT NULL,
    before_floor         SMALLINT    NULL,
    before_number        INT         NULL,
    before_status        VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL,
    after_floor          SMALLINT    NULL,
    after_number         INT         NULL,
    after_status         VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL,
    user_id              BIGINT      NULL,
    through_apartment_id BIGINT      NULL,
    longitude            DOUBLE      NULL,
    latitude             DOUBLE      NULL,
    source               VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    request_id           VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    asked                BINARY(16)  NULL,
    at                   DATETIME(6) NOT NULL,
    PRIMARY KEY (block_id, sequence),
    UNIQUE KEY changes_set (change_set_id, position),
    KEY changes_apartment (apartment_id, sequence)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4;
