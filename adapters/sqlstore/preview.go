package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"gorm.io/gorm"

	"omarty.net/registry/adapters/sqlstore/internal/statement"
	"omarty.net/registry/application"
)

// Preview reads a register so that an import can be planned. It implements application.Importer for plans that end in an
// error, and holds no lock. Use OpenPreview.
type Preview struct {
	db       *gorm.DB
	migrator *migrator
}

var _ application.Importer = (*Preview)(nil)

// ErrPreview is what a plan gets that wants to write.
var ErrPreview = errors.New("a preview writes nothing")

// OpenPreview opens the database that a URL names to read it, beside a server that may be using it. It returns an error
// that is fs.ErrNotExist for an SQLite file that is not there, ErrOlderSchema, ErrNewerSchema, and the errors of Open.
func OpenPreview(ctx context.Context, url string) (_ *Preview, err error) {
	all, err := Migrations(ctx, url)
	if err != nil {
		return nil, err
	}
	if last := all[len(all)-1]; last.AppliedAt.IsZero() {
		return nil, ErrOlderSchema
	}
	src, err := parseURL(url)
	if err != nil {
		return nil, err
	}
	m, err := newMigrator(ctx, src, true)
	if err != nil {
		return nil, err
	}
	db, err := openGORM(src, m.pool, statement.Log{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, errors.Join(err, m.pool.Close())
	}
	return &Preview{db: db, migrator: m}, nil
}

// UpdateRegister hands the plan what the register keeps, and returns its error: ErrPreview where it has none.
func (p *Preview) UpdateRegister(ctx context.Context, scope application.Scope, plan func(application.Kept) (application.Changes, error), _ func(int)) error {
	err := p.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		kept, err := keptWithin(tx, scope, noLock)
		if err != nil {
			return fmt.Errorf("read the register: %w", refusal(p.migrator.source, err))
		}
		if _, err := plan(kept); err != nil {
			return planError{err}
		}
		return ErrPreview
	})
	if refused, ok := err.(planError); ok {
		return refused.err
	}
	return err
}

// Close ends the connections.
func (p *Preview) Close() error { return p.migrator.pool.Close() }
