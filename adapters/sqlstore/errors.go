package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"

	"github.com/go-sql-driver/mysql"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"omarty.net/registry/domain"
)

// cause is what an error of a database asks for.
type cause int

const (
	causeUnforeseen cause = iota // nothing that the store expects
	causeRefusal                 // not an error of the database: a refusal of the domain's
	causeDown                    // the database cannot answer now
	causeTransient               // the whole transaction is to be tried again, a few times
	causeLost                    // again, a few times, on another connection
	causeConflict                // another transaction got in the way: again, with patience
	causeElsewhere               // the server takes no writes now: on another, or with patience on this one
)

// mysqlCauses are the server errors that are foreseen, by number.
var mysqlCauses = map[uint16]cause{
	mysqlLockTimeout: causeTransient,
	1213:             causeConflict,  // deadlock, and Galera's conflict at COMMIT
	1020:             causeConflict,  // MariaDB: the row has changed since the snapshot
	1412:             causeTransient, // the table's definition has changed
	1467:             causeConflict,  // no id could be had: a deadlock or a wait too long for the lock of AUTO_INCREMENT
	1047:             causeElsewhere, // Galera: the server has left its cluster
	1180:             causeElsewhere, // error during COMMIT; Galera: the server is leaving its cluster
	1243:             causeTransient, // a prepared statement is gone: a proxy has another server
	1615:             causeTransient, // a prepared statement is to be prepared again
	3092:             causeElsewhere, // group replication: the server is no member now
	3100:             causeElsewhere, // group replication: the server is leaving its group
	3101:             causeConflict,  // group replication rolled the transaction back
	3796:             causeElsewhere, // group replication: the member recovers, has failed or is leaving
	3797:             causeElsewhere, // group replication: what was acknowledged elsewhere did not come
	3798:             causeElsewhere, // the same
	3799:             causeElsewhere, // group replication: the server is leaving its group
	8002:             causeConflict,  // TiDB: write conflict of a locking read
	8022:             causeConflict,  // TiDB: the commit failed and was rolled back
	9007:             causeConflict,  // TiDB: write conflict
	1053:             causeLost,      // the server is shutting down
	1927:             causeLost,      // MariaDB: the connection was killed
	4031:             causeLost,      // MySQL: the server closed an idle connection
	1021:             causeDown,      // the disk is full
	1026:             causeDown,      // a file could not be written
	1030:             causeDown,      // the storage engine failed
	1037:             causeDown,      // out of memory
	1038:             causeDown,      // out of memory to sort
	1040:             causeDown,      // too many connections
	1041:             causeDown,      // out of memory
	1044:             causeDown,      // the user may not use the database
	1045:             causeDown,      // the user or the password is wrong
	1049:             causeDown,      // the database is not there
	1114:             causeDown,      // the table is full
	1129:             causeDown,      // the host is blocked
	1130:             causeDown,      // the host may not connect
	1135:             causeDown,      // no thread for the connection
	1142:             causeDown,      // the user may not use the table
	1203:             causeDown,      // too many connections of the user
	1206:             causeDown,      // too many locks
	1226:             causeDown,      // the user's limit is reached
	1290:             causeDown,      // the server is read-only
	1317:             causeDown,      // the query was interrupted
	1461:             causeDown,      // too many prepared statements
	1792:             causeDown,      // the transaction is read-only
	1836:             causeDown,      // the server is read-only
	1969:             causeDown,      // MariaDB: the query took too long
	3024:             causeDown,      // MySQL: the query took too long
}

// sqliteCauses are the foreseen errors of SQLite, by primary code.
var sqliteCauses = map[int]cause{
	sqlite3.SQLITE_BUSY:      causeTransient,
	sqlite3.SQLITE_LOCKED:    causeTransient,
	sqlite3.SQLITE_CANTOPEN:  causeDown,
	sqlite3.SQLITE_CORRUPT:   causeDown,
	sqlite3.SQLITE_FULL:      causeDown,
	sqlite3.SQLITE_INTERRUPT: causeDown,
	sqlite3.SQLITE_IOERR:     causeDown,
	sqlite3.SQLITE_NOLFS:     causeDown,
	sqlite3.SQLITE_NOMEM:     causeDown,
	sqlite3.SQLITE_NOTADB:    causeDown,
	sqlite3.SQLITE_PERM:      causeDown,
	sqlite3.SQLITE_PROTOCOL:  causeDown,
	sqlite3.SQLITE_READONLY:  causeDown,
}

// errPoolClosed is what database/sql, which does not export it, says of a pool after Close.
var errPoolClosed = func() error {
	pool := sql.OpenDB(nil)
	return cmp.Or(pool.Close(), pool.Ping())
}()

func causeOf(err error) cause {
	var refused domain.Code
	var known *knownError
	var vanished vanishedError
	var fromMySQL *mysql.MySQLError
	var fromSQLite *sqlite.Error
	var network net.Error
	var connecting connectError
	switch {
	case errors.As(err, &refused):
		return causeRefusal
	case errors.As(err, &known):
		return causeUnforeseen
	case errors.As(err, &vanished):
		return causeConflict
	case violatedKey(err) == keyID:
		return causeConflict // an import took the id in between
	case errors.Is(err, errReadOnly):
		return causeElsewhere
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return causeDown
	case errors.As(err, &connecting):
		return max(causeDown, causeOf(connecting.cause)) // whatever it is, there is no connection
	case errors.As(err, &fromMySQL):
		return mysqlCauses[fromMySQL.Number]
	case errors.As(err, &fromSQLite):
		return sqliteCauses[fromSQLite.Code()&0xff]
	case errors.Is(err, driver.ErrBadConn), errors.Is(err, mysql.ErrInvalidConn), errors.Is(err, mysql.ErrMalformPkt),
		errors.Is(err, mysql.ErrPktSync), errors.Is(err, mysql.ErrBusyBuffer), errors.Is(err, io.EOF),
		errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &network):
		return causeLost
	case errors.Is(err, sql.ErrConnDone), errors.Is(err, sql.ErrTxDone):
		return causeLost // the connection, and the transaction with it, ended under us
	case errors.Is(err, errPoolClosed):
		return causeDown
	default:
		return causeUnforeseen
	}
}

// damageError is what a check of an SQLite file found.
type damageError string

func (e damageError) Error() string { return string(e) }

// isDamage reports whether a file is damaged, or no SQLite database at all.
func isDamage(err error) bool {
	var found damageError
	var fromSQLite *sqlite.Error
	if errors.As(err, &fromSQLite) {
		code := fromSQLite.Code() & 0xff
		return code == sqlite3.SQLITE_CORRUPT || code == sqlite3.SQLITE_NOTADB
	}
	return errors.As(err, &found)
}

// refusal is the one translation of an error of the database into what the ports promise. What is unforeseen stays what it
// is: whoever answers logs it and keeps it inside.
func refusal(err error) error {
	if causeOf(err) >= causeDown {
		return fmt.Errorf("%w: %w", domain.StoreUnavailable, withoutValues(err))
	}
	return withoutValues(err)
}

// withoutValues keeps the values of a statement out of the log: MySQL quotes them in its messages.
func withoutValues(err error) error {
	if _, ok := errors.AsType[*mysql.MySQLError](err); ok {
		return mysqlError{err}
	}
	return err
}

// mysqlError says what MySQL said, by its number.
type mysqlError struct{ error }

func (e mysqlError) Error() string {
	said, _ := errors.AsType[*mysql.MySQLError](e.error)
	if name := duplicateKey(said); said.Number == mysqlDuplicate && uniqueKeys[name] != keyNone {
		return fmt.Sprintf("MySQL error %d (%s): duplicate of the key %s", said.Number, said.SQLState, name)
	}
	return fmt.Sprintf("MySQL error %d (%s)", said.Number, said.SQLState)
}

func (e mysqlError) Unwrap() error { return e.error }

// connectError is why there is no connection.
type connectError struct{ cause error }

func (e connectError) Error() string { return "connect: " + e.cause.Error() }

func (e connectError) Unwrap() error { return e.cause }

// knownError marks an error that no other try would change, such as a row that cannot be, and hides the domain's code in
// it, which is about the row and not about what was asked.
type knownError struct{ text string }

func (e *knownError) Error() string { return e.text }

func unforeseen(err error) error { return &knownError{err.Error()} }

// vanishedError is a duplicate whose other row is gone: it was rolled back in between.
type vanishedError struct{ duplicate error }

func (e vanishedError) Error() string { return e.duplicate.Error() }

func (e vanishedError) Unwrap() error { return e.duplicate }

// key is a unique key of the schema.
type key int

const (
	keyNone         key = iota // no key was violated
	keyRegistration            // apartments, by registration id
	keyNumber                  // apartments, by block and number
	keyLog                     // logs, by registration id
	keyID                      // the id that a row was given
	keyOther
)

// uniqueKeys are the keys by the names that MySQL and MariaDB, and SQLite, call them.
var uniqueKeys = map[string]key{
	"PRIMARY":                                keyID,
	"logs_registration":                      keyLog,
	"logs.registration_id":                   keyLog,
	"apartments_registration":                keyRegistration,
	"apartments_number":                      keyNumber,
	"apartments.registration_id":             keyRegistration,
	"apartments.block_id, apartments.number": keyNumber,
}

// The numbers of MySQL's errors that are told apart.
const (
	mysqlDuplicate   = 1062
	mysqlLockTimeout = 1205
)

// mysqlRowErrors are the errors that a row's own values cause, besides duplicates: NULL, out of range, too long, malformed,
// a foreign key, a check.
var mysqlRowErrors = []uint16{1048, 1264, 1292, 1366, 1406, 1452, 3819, 4025, mysqlDuplicate}

// errStaleLog says that the log has a registration of an apartment that is gone.
var errStaleLog = errors.New("the log has this registration's id already, for another apartment")

// isOfARow reports whether a transaction failed for the sake of one of its rows.
func isOfARow(err error) bool {
	if said, ok := errors.AsType[*mysql.MySQLError](err); ok {
		return slices.Contains(mysqlRowErrors, said.Number)
	}
	if said, ok := errors.AsType[*sqlite.Error](err); ok {
		return said.Code()&0xff == sqlite3.SQLITE_CONSTRAINT
	}
	_, isKnown := errors.AsType[*knownError](err)
	return isKnown || errors.Is(err, errStaleLog)
}

// isBusy reports whether another connection has the lock of an SQLite file.
func isBusy(err error) bool {
	said, ok := errors.AsType[*sqlite.Error](err)
	return ok && said.Code()&0xff == sqlite3.SQLITE_BUSY
}

// isLockTimeout reports whether a transaction waited too long for a lock of another.
func isLockTimeout(err error) bool {
	said, ok := errors.AsType[*mysql.MySQLError](err)
	return ok && said.Number == mysqlLockTimeout
}

// violatedKey tells which unique key an error is about. Which one it is stands nowhere but in the message: in the quotes after
// "for key" on MySQL, where 8.0 puts the table before the name and a proxy may add to the end; after a colon on SQLite, by
// its columns.
func violatedKey(err error) key {
	var fromMySQL *mysql.MySQLError
	var fromSQLite *sqlite.Error
	var name string
	switch {
	case errors.As(err, &fromMySQL) && fromMySQL.Number == mysqlDuplicate:
		name = duplicateKey(fromMySQL)
	case errors.As(err, &fromSQLite) && isUniqueViolation(fromSQLite.Code()):
		name = fromSQLite.Error()
		name = name[strings.LastIndex(name, ": ")+2:]
		name, _, _ = strings.Cut(name, " (")
	default:
		return keyNone
	}
	if k, ok := uniqueKeys[name]; ok {
		return k
	}
	return keyOther
}

// duplicateKey returns the name of the key that a duplicate violates.
func duplicateKey(err *mysql.MySQLError) string {
	_, named, _ := strings.Cut(err.Message, "for key '")
	named, _, _ = strings.Cut(named, "'")
	return strings.TrimPrefix(strings.TrimPrefix(named, "apartments."), "logs.")
}

func isUniqueViolation(code int) bool {
	return code == sqlite3.SQLITE_CONSTRAINT_UNIQUE || code == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
}
