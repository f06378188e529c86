package main

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"strings"

	"github.com/go-sql-driver/mysql"
)

// mysqlRegister has a pool of connections, on each of which the statements are prepared once.
type mysqlRegister struct {
	pool        *sql.DB
	apartments  *sql.Stmt
	logs        *sql.Stmt
	byID        *sql.Stmt
	memberships *sql.Stmt
}

const (
	mysqlConnections = 32
	mysqlDuplicate   = 1062
)

func connectMySQL(address string) (*sql.DB, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, errors.New("the URL of the database is malformed")
	}
	config := mysql.NewConfig()
	config.Net, config.Addr = "tcp", u.Host
	config.User = u.User.Username()
	config.Passwd, _ = u.User.Password()
	config.DBName = strings.TrimPrefix(u.Path, "/")
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}

func openMySQL(ctx context.Context, pool *sql.DB) (*mysqlRegister, error) {
	r := &mysqlRegister{pool: pool}
	r.pool.SetMaxOpenConns(mysqlConnections)
	r.pool.SetMaxIdleConns(mysqlConnections)
	err := prepareAll(ctx, r.pool, map[string]**sql.Stmt{
		selectMemberships: &r.memberships, insertApartment: &r.apartments, insertLog: &r.logs, selectApartment: &r.byID,
	})
	if err != nil {
		return nil, errors.Join(err, r.close())
	}
	return r, nil
}

func (r *mysqlRegister) close() error { return r.pool.Close() }

func (r *mysqlRegister) manages(ctx context.Context, user, block, apartment int64) (bool, error) {
	return managesBy(ctx, r.memberships, user, block, apartment)
}

func (r *mysqlRegister) add(ctx context.Context, a apartment) (replayed bool, err error) {
	tx, err := r.pool.BeginTx(ctx, nil)
	if err != nil {
		return false, err
	}
	err = insertBoth(ctx, tx.StmtContext(ctx, r.apartments), tx.StmtContext(ctx, r.logs), a)
	if err == nil {
		return false, tx.Commit()
	}
	_ = tx.Rollback() // a lost connection has undone it
	var refused *mysql.MySQLError
	if errors.As(err, &refused) && refused.Number == mysqlDuplicate {
		return settle(ctx, r.byID, a)
	}
	return false, err
}
