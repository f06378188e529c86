-- Written by the release before the ledger: a register that was imported, registered in and imported into again (sqlite3 .dump).
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE goose_db_version (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
INSERT INTO goose_db_version VALUES(1,0,1,'2026-11-28 09:46:36');
INSERT INTO goose_db_version VALUES(2,1,1,'2026-11-28 09:46:36');
CREATE TABLE blocks (
    id     INTEGER PRIMARY KEY,
    name   TEXT NOT NULL,
    status TEXT NOT NULL
) STRICT;
INSERT INTO blocks VALUES(4,'Block 4','active');
INSERT INTO blocks VALUES(5,'Block 5','suspended');
INSERT INTO blocks VALUES(6,'برج النيل','active');
INSERT INTO blocks VALUES(8,'Block 8','active');
CREATE TABLE apartments (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    registration_id BLOB    NULL,
    block_id        INTEGER NOT NULL REFERENCES blocks (id),
    floor           INTEGER NOT NULL,
    number          INTEGER NOT NULL,
    registered_by   INTEGER NULL,
    registered_at   TEXT    NOT NULL
) STRICT;
INSERT INTO apartments VALUES(1,NULL,4,1,1,NULL,'2026-11-28 09:46:36.849089');
INSERT INTO apartments VALUES(2,NULL,4,1,3,NULL,'2026-11-28 09:46:36.849089');
INSERT INTO apartments VALUES(3,NULL,6,0,10,NULL,'2026-11-28 09:46:36.849089');
INSERT INTO apartments VALUES(4,NULL,8,2,21,NULL,'2026-11-28 09:46:36.849089');
INSERT INTO apartments VALUES(5,NULL,5,1,1,NULL,'2026-11-28 09:46:36.849089');
INSERT INTO apartments VALUES(6,X'01a2218cacc47548ac9050486e2e87ae',4,0,12,7,'2026-11-28 09:46:37.124043');
INSERT INTO apartments VALUES(7,X'01a2218cacd87ebeb3ae56b6ea32551f',4,0,11,7,'2026-11-28 09:46:37.144399');
INSERT INTO apartments VALUES(8,X'01a2218cacf47b7e9557a7f162fc9eb1',4,0,13,7,'2026-11-28 09:46:37.172317');
INSERT INTO apartments VALUES(9,X'01a2218cad337d909acbf444804029b4',4,0,14,7,'2026-11-28 09:46:37.235018');
INSERT INTO apartments VALUES(10,X'9856c7402a4f514c959391e9be614ba4',4,2,201,7,'2026-11-28 09:46:37.250951');
INSERT INTO apartments VALUES(11,X'01a2218cad5f7a5bb3fc613e6ff66944',4,3,301,13,'2026-11-28 09:46:37.279064');
INSERT INTO apartments VALUES(12,X'01a2218cad6d7a7a94b34853c8872bea',6,-1,1,10,'2026-11-28 09:46:37.293674');
INSERT INTO apartments VALUES(13,X'01a2218cad7e72e6b8cc1925f58c4096',8,1,2,16,'2026-11-28 09:46:37.310180');
INSERT INTO apartments VALUES(14,X'01a2218cad8e74079c56dc3e8656f302',4,3,302,13,'2026-11-28 09:46:37.326800');
INSERT INTO apartments VALUES(1000,NULL,6,-1,900,NULL,'2026-11-28 09:46:37.480414');
CREATE TABLE memberships (
    id           INTEGER PRIMARY KEY,
    user_id      INTEGER NOT NULL,
    block_id     INTEGER NOT NULL REFERENCES blocks (id),
    apartment_id INTEGER NULL REFERENCES apartments (id),
    role         TEXT    NOT NULL,
    status       TEXT    NOT NULL
) STRICT;
INSERT INTO memberships VALUES(1,7,4,1,'manager','active');
INSERT INTO memberships VALUES(2,8,4,2,'resident','active');
INSERT INTO memberships VALUES(3,9,4,2,'manager','pending');
INSERT INTO memberships VALUES(4,10,6,3,'manager','active');
INSERT INTO memberships VALUES(5,10,8,4,'manager','active');
INSERT INTO memberships VALUES(6,11,6,3,'manager','banned');
INSERT INTO memberships VALUES(7,12,5,5,'manager','active');
INSERT INTO memberships VALUES(8,13,4,NULL,'manager','active');
INSERT INTO memberships VALUES(9,14,4,1,'manager','active');
INSERT INTO memberships VALUES(10,14,4,2,'resident','active');
INSERT INTO memberships VALUES(11,15,4,2,'cashier','active');
INSERT INTO memberships VALUES(12,16,8,4,'manager','active');
INSERT INTO memberships VALUES(13,16,8,NULL,'manager','active');
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
INSERT INTO logs VALUES(1,X'01a2218cacc47548ac9050486e2e87ae',7,'CreateApartment',4,NULL,6,31.235700000000001352,30.04439999999999955,'2026-11-28 09:46:37.124043');
INSERT INTO logs VALUES(2,X'01a2218cacd87ebeb3ae56b6ea32551f',7,'CreateApartment',4,NULL,7,31.235700000000001352,30.04439999999999955,'2026-11-28 09:46:37.144399');
INSERT INTO logs VALUES(3,X'01a2218cacf47b7e9557a7f162fc9eb1',7,'CreateApartment',4,NULL,8,31.235700000000001352,30.04439999999999955,'2026-11-28 09:46:37.172317');
INSERT INTO logs VALUES(4,X'01a2218cad337d909acbf444804029b4',7,'CreateApartment',4,NULL,9,31.235700000000001352,30.04439999999999955,'2026-11-28 09:46:37.235018');
INSERT INTO logs VALUES(5,X'9856c7402a4f514c959391e9be614ba4',7,'CreateApartment',4,1,10,NULL,NULL,'2026-11-28 09:46:37.250951');
INSERT INTO logs VALUES(6,X'01a2218cad5f7a5bb3fc613e6ff66944',13,'CreateApartment',4,NULL,11,NULL,-9.9999999999999995472e-07,'2026-11-28 09:46:37.279064');
INSERT INTO logs VALUES(7,X'01a2218cad6d7a7a94b34853c8872bea',10,'CreateApartment',6,NULL,12,179.99999998999999206,NULL,'2026-11-28 09:46:37.293674');
INSERT INTO logs VALUES(8,X'01a2218cad7e72e6b8cc1925f58c4096',16,'CreateApartment',8,NULL,13,NULL,NULL,'2026-11-28 09:46:37.310180');
INSERT INTO logs VALUES(9,X'01a2218cad8e74079c56dc3e8656f302',13,'CreateApartment',4,NULL,14,NULL,NULL,'2026-11-28 09:46:37.326800');
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('goose_db_version',2);
INSERT INTO sqlite_sequence VALUES('apartments',1000);
CREATE UNIQUE INDEX apartments_registration ON apartments (registration_id);
CREATE UNIQUE INDEX apartments_number ON apartments (block_id, number);
CREATE INDEX memberships_user ON memberships (user_id, block_id);
CREATE INDEX memberships_block ON memberships (block_id);
CREATE UNIQUE INDEX logs_registration ON logs (registration_id);
COMMIT;
