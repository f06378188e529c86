-- +goose Up
ALTER TABLE blocks ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE blocks ADD COLUMN registered INTEGER NOT NULL DEFAULT 0;
ALTER TABLE blocks ADD COLUMN retired INTEGER NOT NULL DEFAULT 0;

-- Version is 0 until 00003 has set it, and live has its key after 00005, which makes the table anew.
ALTER TABLE apartments ADD COLUMN version INTEGER NOT NULL DEFAULT 0;

-- The table has its own name once the copy is complete (00004): until then no program that needs it can write.
CREATE TABLE changes_new (
    block_id             INTEGER NOT NULL,
    sequence             INTEGER NOT NULL,
    change_set_id        BLOB    NOT NULL,
    position             INTEGER NOT NULL,
    kind                 TEXT    NOT NULL,
    apartment_id         INTEGER NOT NULL,
    before_floor         INTEGER NULL,
    before_number        INTEGER NULL,
    before_status        TEXT    NULL,
    after_floor          INTEGER NULL,
    after_number         INTEGER NULL,
    after_status         TEXT    NULL,
    user_id              INTEGER NULL,
    through_apartment_id INTEGER NULL,
    longitude            REAL    NULL,
    latitude             REAL    NULL,
    source               TEXT    NOT NULL,
    request_id           TEXT    NULL,
    asked                BLOB    NULL,
    at                   TEXT    NOT NULL,
    PRIMARY KEY (block_id, sequence)
) STRICT;
CREATE UNIQUE INDEX changes_set ON changes_new (change_set_id, position);
CREATE INDEX changes_apartment ON changes_new (apartment_id, sequence);
