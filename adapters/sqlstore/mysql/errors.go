package mysql

import (
	"errors"
	"fmt"
	"strings"

	driver "github.com/go-sql-driver/mysql"

	"omarty.net/registry/adapters/sqlstore/internal/cause"
)

// The numbers of errors that are told apart.
const (
	duplicateEntry  = 1062
	lockWaitTimeout = 1205
)

// causes are the server errors that are foreseen, by number.
var causes = map[uint16]cause.Cause{
	lockWaitTimeout: cause.LockTimeout,
	1213:            cause.Conflict,  // deadlock, and Galera's conflict at COMMIT
	1020:            cause.Conflict,  // MariaDB: the row has changed since the snapshot
	1412:            cause.Transient, // the table's definition has changed
	1467:            cause.Conflict,  // no id could be had: a deadlock or a wait too long for the lock of AUTO_INCREMENT
	1047:            cause.Elsewhere, // Galera: the server has left its cluster
	1180:            cause.Elsewhere, // error during COMMIT; Galera: the server is leaving its cluster
	1243:            cause.Transient, // a prepared statement is gone: a proxy has another server
	1615:            cause.Transient, // a prepared statement is to be prepared again
	3092:            cause.Elsewhere, // group replication: the server is no member now
	3100:            cause.Elsewhere, // group replication: the server is leaving its group
	3101:            cause.Conflict,  // group replication rolled the transaction back
	3796:            cause.Elsewhere, // group replication: the member recovers, has failed or is leaving
	3797:            cause.Elsewhere, // group replication: what was acknowledged elsewhere did not come
	3798:            cause.Elsewhere, // the same
	3799:            cause.Elsewhere, // group replication: the server is leaving its group
	8002:            cause.Conflict,  // TiDB: write conflict of a locking read
	8022:            cause.Conflict,  // TiDB: the commit failed and was rolled back
	9007:            cause.Conflict,  // TiDB: write conflict
	1053:            cause.Lost,      // the server is shutting down
	1927:            cause.Lost,      // MariaDB: the connection was killed
	4031:            cause.Lost,      // MySQL: the server closed an idle connection
	1021:            cause.Down,      // the disk is full
	1026:            cause.Down,      // a file could not be written
	1030:            cause.Down,      // the storage engine failed
	1037:            cause.Down,      // out of memory
	1038:            cause.Down,      // out of memory to sort
	1040:            cause.Down,      // too many connections
	1041:            cause.Down,      // out of memory
	1044:            cause.Down,      // the user may not use the database
	1045:            cause.Down,      // the user or the password is wrong
	1049:            cause.Down,      // the database is not there
	1114:            cause.Down,      // the table is full
	1129:            cause.Down,      // the host is blocked
	1130:            cause.Down,      // the host may not connect
	1135:            cause.Down,      // no thread for the connection
	1142:            cause.Down,      // the user may not use the table
	1203:            cause.Down,      // too many connections of the user
	1206:            cause.Down,      // too many locks
	1226:            cause.Down,      // the user's limit is reached
	1290:            cause.Down,      // the server is read-only
	1317:            cause.Down,      // the query was interrupted
	1461:            cause.Down,      // too many prepared statements
	1792:            cause.Down,      // the transaction is read-only
	1836:            cause.Down,      // the server is read-only
	1969:            cause.Down,      // MariaDB: the query took too long
	3024:            cause.Down,      // MySQL: the query took too long
	duplicateEntry:  cause.Row,
	1048:            cause.Row, // NULL
	1264:            cause.Row, // out of range
	1292:            cause.Row, // malformed
	1366:            cause.Row, // malformed
	1406:            cause.Row, // too long
	1452:            cause.Row, // a foreign key
	3819:            cause.Row, // MySQL: a check
	4025:            cause.Row, // MariaDB: a check
}

// connectionErrors are the driver's own errors of a connection that can no longer be used.
var connectionErrors = []error{driver.ErrInvalidConn, driver.ErrMalformPkt, driver.ErrPktSync, driver.ErrBusyBuffer}

// uniqueKeys are the keys by the names that MySQL and MariaDB call them.
var uniqueKeys = map[string]cause.Key{
	"PRIMARY":           cause.KeyID,
	"apartments_number": cause.KeyNumber,
	"changes_set":       cause.KeyChangeSet,
}

// Errors tells what the errors of the driver mean.
type Errors struct{}

// CauseOf returns the cause of an error.
func (e Errors) CauseOf(err error) cause.Cause {
	return cause.Of(err, func(err error) (cause.Cause, bool) {
		if said, ok := errors.AsType[*driver.MySQLError](err); ok {
			if e.ViolatedKey(err) == cause.KeyID {
				return cause.Conflict, true // an import took the id in between, or another server the sequence
			}
			return causes[said.Number], true
		}
		for _, own := range connectionErrors {
			if errors.Is(err, own) {
				return cause.Lost, true
			}
		}
		return cause.Unforeseen, false
	})
}

// ViolatedKey tells which unique key an error is about. Which one it is stands nowhere but in the message.
func (Errors) ViolatedKey(err error) cause.Key {
	said, ok := errors.AsType[*driver.MySQLError](err)
	if !ok || said.Number != duplicateEntry {
		return cause.KeyNone
	}
	if key, ok := uniqueKeys[duplicateKey(said)]; ok {
		return key
	}
	return cause.KeyOther
}

// duplicateKey returns the name of the key that a duplicate violates: in the quotes after "for key", where MySQL 8.0 puts the
// table before the name and a proxy may add to the end.
func duplicateKey(err *driver.MySQLError) string {
	_, named, _ := strings.Cut(err.Message, "for key '")
	named, _, _ = strings.Cut(named, "'")
	return strings.TrimPrefix(strings.TrimPrefix(named, "apartments."), "changes.")
}

// WithoutValues keeps the values of a statement, which the server quotes in its messages, out of an error's text.
func (Errors) WithoutValues(err error) error {
	if _, ok := errors.AsType[*driver.MySQLError](err); ok {
		return numberedError{err}
	}
	return err
}

// numberedError says what the server said, by its number.
type numberedError struct{ error }

func (e numberedError) Error() string {
	said, _ := errors.AsType[*driver.MySQLError](e.error)
	name := duplicateKey(said)
	if _, known := uniqueKeys[name]; known && said.Number == duplicateEntry {
		return fmt.Sprintf("MySQL error %d (%s): duplicate of the key %s", said.Number, said.SQLState, name)
	}
	return fmt.Sprintf("MySQL error %d (%s)", said.Number, said.SQLState)
}

func (e numberedError) Unwrap() error { return e.error }
