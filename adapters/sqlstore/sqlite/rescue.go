package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// rescued stands in the name of a copy of a register whose files were changed, after the name of the database.
const rescued = ".rescued-"

// save saves what was acknowledged before the files were changed, as long as they are open: into the database where that is
// still in its place, else as a copy beside it. It writes to no file that was put in the place of another.
func (f *openFiles) save() {
	database, wal, shm := f.database.place(), f.wal.place(), f.shm.place()
	if database == placeOwn && wal == placeOwn {
		return // it is all there
	}
	if database == placeOwn && wal == placeEmpty && shm != placeAnother {
		err := f.checkpoint()
		if err == nil {
			f.logger.Warn("what was acknowledged is in the database", "database", f.database.path)
			return
		}
		f.logger.Warn("the log cannot be written into the database, so that a copy is made", "database", f.database.path, "cause", err)
	}
	if err := f.copy(database == placeEmpty || database == placeAnother); err != nil {
		f.logger.Error("what was acknowledged cannot be saved", "database", f.database.path, "cause", err)
	}
}

// checkpoint writes all of the log into the database.
func (f *openFiles) checkpoint() error {
	var busy, logged, written int
	err := f.keeper.QueryRow("PRAGMA wal_checkpoint(FULL)").Scan(&busy, &logged, &written)
	if err == nil && (busy != 0 || logged != written) {
		err = fmt.Errorf("%d of %d pages were written", written, logged)
	}
	return err
}

// copy writes the register to a new file. Where the database is not in its place any more, its log is moved out of the way
// first: SQLite would take it for that of the file which is there now.
func (f *openFiles) copy(logInTheWay bool) error {
	target, err := filepath.Abs(f.database.path + rescued + time.Now().UTC().Format("20060102T150405Z"))
	if err != nil {
		return err
	}
	var aside []*openFile
	if logInTheWay {
		for _, o := range []*openFile{f.wal, f.shm} {
			moved := &openFile{target + "." + o.path[len(o.path)-3:], o.file}
			if o.place() == placeOwn && os.Rename(o.path, moved.path) == nil {
				aside = append(aside, moved)
			}
		}
	}
	part := target + ".part"
	if err := copyInto(context.Background(), f.keeper, part); err != nil {
		return err
	}
	if err := os.Rename(part, target); err != nil {
		return err
	}
	f.logger.Warn("what was acknowledged is in a copy", "database", f.database.path, "copy", target)
	var errs []error
	for _, o := range aside {
		if o.place() == placeOwn {
			errs = append(errs, os.Remove(o.path)) // the copy has what was in it
		}
	}
	return errors.Join(append(errs, syncFolder(filepath.Dir(target)))...)
}
