package migrations

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
)

// ledgerCopy makes the first rows of the ledger of what apartments and logs hold. Each of its transactions leaves a state that it
// goes on from: an apartment whose version is 0 is not copied yet, and a block that has apartments, none of which counts
// as registered, is not complete.
type ledgerCopy struct {
	// setOf makes an id of a prefix of 8 bytes and the number in a column.
	setOf func(column string) string
	// same compares two values of which either may be NULL.
	same string
	// setVersions gives the apartments of the blocks between two, from a sequence on, the versions that the ledger has.
	setVersions string
	// lockBlock reads how far a block is, and keeps other processes from going on with it.
	lockBlock string
	// prepare is done on the connection first.
	prepare string
}

var (
	mysqlCopy = ledgerCopy{
		setOf: func(column string) string { return "CONCAT(?, UNHEX(LPAD(HEX(" + column + "), 16, '0')))" },
		same:  "<=>",
		setVersions: `UPDATE changes_new AS c STRAIGHT_JOIN apartments AS a ON a.id = c.apartment_id SET a.version = c.sequence
			WHERE c.block_id BETWEEN ? AND ? AND c.sequence > ? AND a.version = 0`,
		lockBlock: "SELECT version, registered FROM blocks WHERE id = ? FOR UPDATE",
		prepare:   "SET SESSION innodb_lock_wait_timeout = 50",
	}
	sqliteCopy = ledgerCopy{
		setOf: func(column string) string { return "CAST(? || unhex(printf('%016x', " + column + ")) AS BLOB)" },
		same:  "IS",
		setVersions: `UPDATE apartments SET version = c.sequence FROM changes_new AS c
			WHERE c.block_id BETWEEN ? AND ? AND c.sequence > ? AND apartments.id = c.apartment_id AND apartments.version = 0`,
		lockBlock: "SELECT version, registered FROM blocks WHERE id = ?",
		prepare:   "PRAGMA cache_size = -65536",
	}
)

const (
	// leastRows are in a transaction where several blocks are, and mostRows are in any: clusters bound what a transaction writes.
	leastRows = 50_000
	mostRows  = 50_000
	// logsAtOnce and blocksAtOnce are how many rows are looked through by one statement.
	logsAtOnce   = 20_000
	blocksAtOnce = 1000
)

// group is the blocks of one or several transactions.
type group struct {
	first, last  int64
	blocks, rows int64
	// large is a single block, of more rows than a transaction takes or of which some are copied.
	large bool
}

func (l ledgerCopy) run(ctx context.Context, db *sql.DB, p *Progress) (err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if _, err := conn.ExecContext(ctx, l.prepare); err != nil {
		return err
	}
	for _, part := range []func(context.Context, *sql.Conn, *Progress) error{refuseOtherActions, l.copyApartments, l.copyStaleLogs, l.check} {
		if err := part(ctx, conn, p); err != nil {
			return err
		}
	}
	return nil
}

// refuseOtherActions refuses rows of logs that no release wrote: the ledger has no kind for them.
func refuseOtherActions(ctx context.Context, conn *sql.Conn, p *Progress) error {
	p.Begin("look through the log")
	var others int64
	err := conn.QueryRowContext(ctx, "SELECT COUNT(*) FROM logs WHERE action <> 'CreateApartment'").Scan(&others)
	if err == nil && others > 0 {
		err = fmt.Errorf("the table logs has %d rows whose action is not CreateApartment, which the ledger does not keep: move them to a table of your own, and migrate again", others)
	}
	return err
}

// copyApartments copies block by block, each in the order in which its apartments came.
func (l ledgerCopy) copyApartments(ctx context.Context, conn *sql.Conn, p *Progress) error {
	all, err := count(ctx, conn, "SELECT COUNT(*) FROM blocks WHERE EXISTS (SELECT 1 FROM apartments WHERE block_id = blocks.id)")
	if err != nil {
		return err
	}
	complete, err := count(ctx, conn, "SELECT COUNT(*) FROM blocks WHERE registered > 0")
	if err != nil {
		return err
	}
	p.begin("copy the apartments into the ledger", "block", all)
	p.did(complete, 0)
	for after := int64(math.MinInt64); ; {
		groups, err := nextGroups(ctx, conn, after)
		if err != nil || len(groups) == 0 {
			return err
		}
		for _, g := range groups {
			copyGroup := l.copySmall
			if g.large {
				copyGroup = l.copyLarge
			}
			if err := copyGroup(ctx, conn, g, p); err != nil {
				return err
			}
			after = g.last
		}
	}
}

// nextGroups returns the blocks beyond one that are not complete, as far as one statement reads them.
func nextGroups(ctx context.Context, conn *sql.Conn, after int64) (groups []group, err error) {
	rows, err := conn.QueryContext(ctx, `SELECT id, version, (SELECT COUNT(*) FROM apartments WHERE block_id = blocks.id) FROM blocks
		WHERE registered = 0 AND id > ? AND EXISTS (SELECT 1 FROM apartments WHERE block_id = blocks.id) ORDER BY id LIMIT ?`, after, blocksAtOnce)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var id, version, size int64
		if err := rows.Scan(&id, &version, &size); err != nil {
			return nil, err
		}
		next := group{first: id, last: id, blocks: 1, rows: size, large: version > 0 || size > mostRows}
		if last := len(groups) - 1; last >= 0 && !next.large && !groups[last].large && groups[last].rows < leastRows {
			groups[last] = group{first: groups[last].first, last: id, blocks: groups[last].blocks + 1, rows: groups[last].rows + size}
			continue
		}
		groups = append(groups, next)
	}
	return groups, rows.Err()
}

// copySmall copies several blocks, or one, in one transaction.
func (l ledgerCopy) copySmall(ctx context.Context, conn *sql.Conn, g group, p *Progress) error {
	err := transaction(ctx, conn, func(tx *sql.Tx) error {
		if _, err := l.copyRows(ctx, tx, g, part{most: math.MaxInt32}); err != nil {
			return err
		}
		return complete(ctx, tx, g)
	})
	if err == nil {
		p.did(g.blocks, g.rows)
	}
	return err
}

// copyLarge copies a block in as many transactions as it takes.
func (l ledgerCopy) copyLarge(ctx context.Context, conn *sql.Conn, g group, p *Progress) error {
	for done := false; !done; {
		var copied int64
		err := transaction(ctx, conn, func(tx *sql.Tx) error {
			from := part{most: mostRows}
			var registered int64
			if err := tx.QueryRowContext(ctx, l.lockBlock, g.first).Scan(&from.sequence, &registered); err != nil {
				return err
			}
			if done = registered > 0; done {
				return nil
			}
			err := tx.QueryRowContext(ctx, `SELECT change_set_id, MAX(position) + 1 FROM changes_new WHERE block_id = ? AND kind = 'import'
				GROUP BY change_set_id`, g.first).Scan(&from.importSet, &from.position)
			if err != nil && !errors.Is(err, sql.ErrNoRows) {
				return err
			}
			if copied, err = l.copyRows(ctx, tx, g, from); err != nil || copied == mostRows {
				return err
			}
			done = true
			return complete(ctx, tx, g)
		})
		if err != nil {
			return err
		}
		p.did(0, copied)
	}
	p.did(1, 0)
	return nil
}

// part is where a transaction goes on.
type part struct {
	// sequence is the last that the block has, and position the next in its change set of imports, if it has one.
	sequence, position int64
	importSet          []byte
	most               int64
}

// copyRows copies the apartments of blocks that are not copied yet, and sets their versions. It returns how many it copied.
func (l ledgerCopy) copyRows(ctx context.Context, tx *sql.Tx, g group, from part) (int64, error) {
	prefix, err := newPrefix()
	if err != nil {
		return 0, err
	}
	if from.importSet != nil {
		prefix = from.importSet[:len(prefix)]
	}
	// What is imported is one change set a block. A registration is a change set of its own, whose log says by whom and from where.
	result, err := tx.ExecContext(ctx, `INSERT INTO changes_new (block_id, sequence, change_set_id, position, kind, apartment_id,
			after_floor, after_number, after_status, user_id, through_apartment_id, longitude, latitude, source, at)
		SELECT a.block_id, ? + a.n,
			CASE WHEN a.registration_id IS NULL THEN `+l.setOf("a.block_id")+` ELSE a.registration_id END,
			CASE WHEN a.registration_id IS NULL THEN ? + a.place - 1 ELSE 0 END,
			CASE WHEN a.registration_id IS NULL THEN 'import' ELSE 'register' END,
			a.id, a.floor, a.number, 'registered',
			CASE WHEN a.registration_id IS NULL THEN NULL ELSE COALESCE(l.user_id, a.registered_by) END,
			l.apartment_id, l.longitude, l.latitude,
			CASE WHEN a.registration_id IS NULL THEN 'import' ELSE 'app' END,
			COALESCE(l.created_at, a.registered_at)
		FROM (SELECT uncopied.*,
				ROW_NUMBER() OVER (PARTITION BY block_id ORDER BY registered_at, id) AS n,
				ROW_NUMBER() OVER (PARTITION BY block_id, registration_id IS NULL ORDER BY registered_at, id) AS place
			FROM (SELECT id, registration_id, block_id, floor, number, registered_by, registered_at FROM apartments
				WHERE block_id BETWEEN ? AND ? AND version = 0 ORDER BY block_id, registered_at, id LIMIT ?) AS uncopied) AS a
		LEFT JOIN logs AS l ON l.registration_id = a.registration_id AND l.record_id = a.id AND l.block_id = a.block_id
		ORDER BY a.block_id, a.n`, from.sequence, prefix, from.position, g.first, g.last, from.most)
	if err != nil {
		return 0, err
	}
	copied, err := result.RowsAffected()
	if err != nil {
		return 0, err
	}
	if _, err := tx.ExecContext(ctx, l.setVersions, g.first, g.last, from.sequence); err != nil {
		return 0, err
	}
	_, err = tx.ExecContext(ctx, `UPDATE blocks SET version = (SELECT COUNT(*) FROM changes_new AS c WHERE c.block_id = blocks.id)
		WHERE id BETWEEN ? AND ? AND registered = 0`, g.first, g.last)
	return copied, err
}

// complete counts the apartments of blocks, all of which are copied and registered.
func complete(ctx context.Context, tx *sql.Tx, g group) error {
	_, err := tx.ExecContext(ctx, "UPDATE blocks SET registered = version WHERE id BETWEEN ? AND ? AND registered = 0", g.first, g.last)
	return err
}

// stale tells the rows l of logs whose apartments are not there, or not as they were registered. The sign before block_id has no
// database take the primary key, by which it would read the whole block. Joins are what MariaDB does not make a NOT IN of, which it
// compares row by row.
const (
	stale = fromLogs + staleIn
	// uncopiedStale tells those of them that are not in the ledger.
	uncopiedStale = fromLogs + ` LEFT JOIN changes_new AS c ON c.change_set_id = l.registration_id AND c.apartment_id = l.record_id
		AND +c.block_id = l.block_id AND c.after_status IS NULL` + staleIn + " AND c.change_set_id IS NULL"
	fromLogs = ` FROM logs AS l LEFT JOIN apartments AS a ON a.registration_id = l.registration_id AND a.id = l.record_id AND a.block_id = l.block_id`
	staleIn  = " WHERE l.id > ? AND l.id <= ? AND a.id IS NULL"
)

// copyStaleLogs appends what is known of apartments that are gone: that they were registered, by whom, when and from where.
func (l ledgerCopy) copyStaleLogs(ctx context.Context, conn *sql.Conn, p *Progress) error {
	return eachRange(ctx, conn, p, "copy what the log says of apartments that are gone", "logs", func(after, last int64) error {
		rows, err := count(ctx, conn, "SELECT COUNT(*)"+stale, after, last)
		if err != nil || rows == 0 {
			return err
		}
		prefix, err := newPrefix()
		if err != nil {
			return err
		}
		return transaction(ctx, conn, func(tx *sql.Tx) error {
			// One that gave up its registration's id, or never had one, gets an id.
			_, err := tx.ExecContext(ctx, "UPDATE logs SET registration_id = "+l.setOf("id")+" WHERE id > ? AND id <= ? AND registration_id IS NULL", prefix, after, last)
			if err != nil {
				return err
			}
			_, err = tx.ExecContext(ctx, `INSERT INTO changes_new (block_id, sequence, change_set_id, position, kind, apartment_id,
					user_id, through_apartment_id, longitude, latitude, source, at)
				SELECT s.block_id, (SELECT COALESCE(MAX(c.sequence), 0) FROM changes_new AS c WHERE c.block_id = s.block_id) + s.n,
					s.registration_id, (SELECT COUNT(*) FROM changes_new AS c WHERE c.change_set_id = s.registration_id), 'register', s.record_id,
					s.user_id, s.apartment_id, s.longitude, s.latitude, 'app', s.created_at
				FROM (SELECT l.*, ROW_NUMBER() OVER (PARTITION BY l.block_id ORDER BY l.id) AS n`+uncopiedStale+`) AS s
				ORDER BY s.id`, after, last)
			if err != nil {
				return err
			}
			_, err = tx.ExecContext(ctx, `UPDATE blocks SET version = (SELECT COALESCE(MAX(c.sequence), 0) FROM changes_new AS c WHERE c.block_id = blocks.id)
				WHERE id IN (SELECT DISTINCT block_id FROM logs WHERE id > ? AND id <= ?)`, after, last)
			return err
		})
	})
}

// check compares the ledger with what it is to replace, row by row, before anything is dropped.
func (l ledgerCopy) check(ctx context.Context, conn *sql.Conn, p *Progress) error {
	logs := `SELECT COUNT(*) FROM logs AS l LEFT JOIN changes_new AS c ON c.change_set_id = l.registration_id AND c.kind = 'register'
		AND c.apartment_id = l.record_id AND +c.block_id = l.block_id AND c.at = l.created_at`
	for in, as := range map[string]string{"user_id": "user_id", "apartment_id": "through_apartment_id", "longitude": "longitude", "latitude": "latitude"} {
		logs += " AND c." + as + " " + l.same + " l." + in
	}
	err := eachRange(ctx, conn, p, "compare the ledger with the log", "logs", refuse(ctx, conn, "rows of logs", logs+" WHERE l.id > ? AND l.id <= ? AND c.change_set_id IS NULL"))
	if err != nil {
		return err
	}
	err = eachRange(ctx, conn, p, "compare the ledger with the apartments", "apartments", refuse(ctx, conn, "apartments",
		`SELECT COUNT(*) FROM apartments AS a LEFT JOIN changes_new AS c ON c.block_id = a.block_id AND c.sequence = a.version AND c.apartment_id = a.id
			AND c.after_floor = a.floor AND c.after_number = a.number AND c.after_status = 'registered'
		WHERE a.id > ? AND a.id <= ? AND c.block_id IS NULL`))
	if err != nil {
		return err
	}
	return eachRange(ctx, conn, p, "compare the ledger with the blocks", "blocks", refuse(ctx, conn, "blocks",
		`SELECT COUNT(*) FROM blocks AS b WHERE b.id > ? AND b.id <= ? AND NOT (
			b.version = (SELECT COUNT(*) FROM changes_new AS c WHERE c.block_id = b.id)
			AND b.version = (SELECT COALESCE(MAX(c.sequence), 0) FROM changes_new AS c WHERE c.block_id = b.id)
			AND b.registered = (SELECT COUNT(*) FROM apartments AS a WHERE a.block_id = b.id))`))
}

// refuse returns what looks for rows of a range that the ledger does not have.
func refuse(ctx context.Context, conn *sql.Conn, what, query string) func(after, last int64) error {
	return func(after, last int64) error {
		different, err := count(ctx, conn, query, after, last)
		if err == nil && different > 0 {
			err = fmt.Errorf("%d %s between the ids %d and %d are not in the ledger as they are kept, nothing was dropped: "+
				"stop every program that writes, begin the copy again as OPERATIONS.md says (Upgrade), and migrate", different, what, after+1, last)
		}
		return err
	}
}

// eachRange goes through a table by its ids, so many rows at a time.
func eachRange(ctx context.Context, conn *sql.Conn, p *Progress, work, table string, do func(after, last int64) error) error {
	all, err := count(ctx, conn, "SELECT COUNT(*) FROM "+table)
	if err != nil {
		return err
	}
	p.begin(work, strings.TrimSuffix(table, "s"), all)
	for after := int64(math.MinInt64); ; {
		var rows int64
		var last sql.NullInt64
		err := conn.QueryRowContext(ctx, "SELECT COUNT(*), MAX(id) FROM (SELECT id FROM "+table+" WHERE id > ? ORDER BY id LIMIT ?) AS r", after, logsAtOnce).Scan(&rows, &last)
		if err != nil || !last.Valid {
			return err
		}
		if err := do(after, last.Int64); err != nil {
			return err
		}
		p.did(rows, rows)
		after = last.Int64
	}
}

func count(ctx context.Context, conn *sql.Conn, query string, args ...any) (n int64, err error) {
	err = conn.QueryRowContext(ctx, query, args...).Scan(&n)
	return n, err
}

// newPrefix returns the first 8 bytes of a new change set's id: the time in milliseconds, so that keys stand together, and chance.
func newPrefix() ([]byte, error) {
	prefix := binary.BigEndian.AppendUint64(nil, uint64(time.Now().UnixMilli())<<16) //nolint:gosec // the time is after 1970
	_, err := rand.Read(prefix[6:])
	return prefix, err
}

// attempts is how often a transaction is tried that others get in the way of.
const attempts = 5

// inTheWay are MySQL's errors of a transaction that another process got in the way of, which migrates too or is of the release before:
// a wait for a lock that took too long, a deadlock, a conflict of clusters, a duplicate.
var inTheWay = map[uint16]bool{1205: true, 1213: true, 3101: true, 1062: true}

func transaction(ctx context.Context, conn *sql.Conn, do func(*sql.Tx) error) (err error) {
	for range attempts {
		if err = transactionOnce(ctx, conn, do); err == nil {
			return nil
		}
		if said, ok := errors.AsType[*mysql.MySQLError](err); !ok || !inTheWay[said.Number] {
			return err
		}
	}
	return err
}

func transactionOnce(ctx context.Context, conn *sql.Conn, do func(*sql.Tx) error) error {
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := do(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}
