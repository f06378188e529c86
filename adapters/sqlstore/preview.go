package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"

	"gorm.io/gorm"

	"omarty.net/registry/adapters/sqlstore/internal/dialect"
	"omarty.net/registry/adapters/sqlstore/internal/statement"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// Preview reads a register beside whoever writes to it, holds no lock and applies no migration. It implements application.Importer
// for plans that end in an error. Use OpenPreview.
type Preview struct {
	application.Blocks
	application.Ledger
	store *Store
}

var _ interface {
	application.Blocks
	application.Ledger
	application.Exporter
	application.Importer
} = (*Preview)(nil)

// ErrPreview is what a plan gets that wants to write.
var ErrPreview = errors.New("a preview writes nothing")

// OpenPreview opens the database that a URL names to read it, beside a server that may be using it. It returns an error
// that is fs.ErrNotExist for an SQLite file that is not there, ErrOlderSchema, ErrNewerSchema, and the errors of Open.
func OpenPreview(ctx context.Context, url string, o Options) (*Preview, error) {
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
	o = o.filled()
	o.BatchSize = 1 // nothing waits to be written
	log := statement.Log{Logger: slog.New(slog.DiscardHandler)}
	db, err := src.OpenReadOnly(ctx, dialect.Options{MaxConnections: o.MaxConnections, AnyEngine: o.AnyEngine, Logger: log.Logger, Statements: log})
	if err != nil {
		return nil, err
	}
	store, err := newStore(db, log, o)
	if err != nil {
		return nil, err
	}
	return &Preview{Blocks: store, Ledger: store, store: store}, nil
}

// ExportRegister implements application.Exporter. It returns domain.StoreUnavailable, too, where what it has handed out may not be of
// one moment.
func (p *Preview) ExportRegister(ctx context.Context, blocks []domain.BlockID, to application.RegisterReader) error {
	return cmp.Or(p.store.ExportRegister(ctx, blocks, to), p.store.db.Verify())
}

// UpdateRegister hands the plan what the register keeps, and returns its error: ErrPreview where it has none.
func (p *Preview) UpdateRegister(ctx context.Context, scope application.Scope, plan func(application.Kept) (application.Changes, error), _ func(int)) error {
	err := p.store.gorm.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		kept, err := keptWithin(tx, scope, noLock)
		if err = cmp.Or(err, p.store.db.Verify()); err != nil {
			return fmt.Errorf("read the register: %w", p.store.refusal(err))
		}
		if _, err := plan(kept); err != nil {
			return planError{err}
		}
		return ErrPreview
	}, &sql.TxOptions{Isolation: p.store.db.Engine().Snapshot, ReadOnly: true})
	if refused, ok := err.(planError); ok {
		return refused.err
	}
	return err
}

// Close ends the connections. It returns domain.StoreUnavailable where what was read may be wrong.
func (p *Preview) Close() error { return cmp.Or(p.store.db.Verify(), p.store.Close()) }
