-- +goose Up
-- Each of its rows is in the ledger: 00003 checked it.
DROP TABLE logs;
ALTER TABLE changes_new RENAME TO changes;
CREATE VIEW logs AS
SELECT apartment_id         AS id,
       change_set_id        AS registration_id,
       user_id              AS user_id,
       'CreateApartment'    AS action,
       block_id             AS block_id,
       through_apartment_id AS apartment_id,
       apartment_id         AS record_id,
       longitude            AS longitude,
       latitude             AS latitude,
       at                   AS created_at
FROM changes
WHERE kind = 'register';
