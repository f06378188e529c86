-- +goose NO TRANSACTION
-- Each of its rows is in the ledger: 00009 checked it.
-- +goose Up
DROP TABLE IF EXISTS logs_old;
