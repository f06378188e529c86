CREATE TABLE blocks (
    id     INTEGER PRIMARY KEY,
    name   TEXT NOT NULL,
    status TEXT NOT NULL
) STRICT;

CREATE TABLE apartments (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    registration_id BLOB    NULL,
    block_id        INTEGER NOT NULL REFERENCES blocks (id),
    floor           INTEGER NOT NULL,
    number          INTEGER NOT NULL,
    registered_by   INTEGER NULL,
    registered_at   TEXT    NOT NULL
) STRICT;
CREATE UNIQUE INDEX apartments_registration ON apartments (registration_id);
CREATE UNIQUE INDEX apartments_number ON apartments (block_id, number);

CREATE TABLE memberships (
    id           INTEGER PRIMARY KEY,
    user_id      INTEGER NOT NULL,
    block_id     INTEGER NOT NULL REFERENCES blocks (id),
    apartment_id INTEGER NULL REFERENCES apartments (id),
    role         TEXT    NOT NULL,
    status       TEXT    NOT NULL
) STRICT;
CREATE INDEX memberships_user ON memberships (user_id, block_id);
CREATE INDEX memberships_block ON memberships (block_id);

CREATE TABLE logs (
    id              INTEGER PRIMARY KEY,
    registration_id BLOB    NULL,
    user_id         INTEGER NOT NULL,
    action          TEXT    NOT NULL,
    block_id        INTEGER NOT NULL,
    apartment_id    INTEGER NULL,
    record_id       INTEGER NOT NULL,
    longitude       REAL    NULL,
    latitude        REAL    NULL,
    created_at      TEXT    NOT NULL
) STRICT;
CREATE UNIQUE INDEX logs_registration ON logs (registration_id);
