package sqlstore_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"omarty.net/registry/adapters/sqlstore"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
	"omarty.net/registry/test/tables"
)

// must is for values that a test only needs: one that cannot be built is a fault of the test.
func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

var noon = time.Date(2026, 3, 4, 12, 0, 0, 123_456_000, time.UTC)

// registration asks for a number of block 4, under an id that is told by its last byte.
func registration(id byte, number int64) domain.ChangeSet {
	return registering(domain.ChangeSetID{15: id}, 4, number)
}

// registering is a set that registers one apartment.
func registering(id domain.ChangeSetID, block domain.BlockID, number int64) domain.ChangeSet {
	return must(domain.NewChangeSet(domain.ChangeSetSpec{
		ID: id, Block: block, Changes: []domain.Change{must(domain.NewRegister(must(domain.NewFloor(1)), must(domain.NewNumber(number))))},
		Origin: domain.Origin{By: 7, At: noon, Source: domain.SourceApp},
	}))
}

// withBlock is a migrated store that has block 4.
func withBlock(t *testing.T, address string) *sqlstore.Store {
	t.Helper()
	store := migrated(t, address, 0)
	addBlock(t, store, must(domain.NewBlock(4, "Palm Tower", domain.BlockActive)))
	return store
}

func addBlock(t *testing.T, store *sqlstore.Store, block domain.Block) {
	t.Helper()
	file := application.Register{Blocks: []domain.Block{block}}
	if _, err := application.NewImportRegister(store, time.Now, application.UUIDv7(time.Now)).Import(t.Context(), file, nil); err != nil {
		t.Fatal(err)
	}
}

// outcome is how a registration came to be in the register, "" for none.
type outcome string

const (
	registered outcome = "registered"
	replayed   outcome = "replayed"
)

// register applies a set that registers one apartment.
func register(ctx context.Context, store *sqlstore.Store, set domain.ChangeSet) (outcome, error) {
	applied, err := store.Apply(ctx, set)
	switch {
	case err != nil:
		return "", err
	case applied.Replayed:
		return replayed, nil
	default:
		return registered, nil
	}
}

func wantRegister(t *testing.T, store *sqlstore.Store, r domain.ChangeSet, outcome outcome, refusal error) {
	t.Helper()
	if got, err := register(t.Context(), store, r); got != outcome || !errors.Is(err, refusal) {
		t.Errorf("registration %s: %q, %v; want %q, %v", r.ID(), got, err, outcome, refusal)
	}
}

func TestSQLiteFilesAreTheirOwnersAlone(t *testing.T) {
	folder := t.TempDir()
	store := withBlock(t, "sqlite://"+filepath.Join(folder, "register.db"))
	wantRegister(t, store, registration(1, 1), registered, nil)
	for _, name := range []string{"register.db", "register.db-wal", "register.db-shm", "register.db.lock"} {
		found, err := os.Stat(filepath.Join(folder, name))
		if err != nil {
			t.Error(err)
		} else if found.Mode() != 0o600 {
			t.Errorf("%s has the mode %s", name, found.Mode())
		}
	}
}

func TestSQLiteFileHasOneWriter(t *testing.T) {
	address := sqliteURL(t)
	first := withBlock(t, address)
	if _, err := sqlstore.Open(t.Context(), address, sqlstore.Options{}); !errors.Is(err, sqlstore.ErrInUse) || !strings.Contains(err.Error(), "register.db") {
		t.Errorf("opened twice: %v", err)
	}
	wantRegister(t, first, registration(1, 1), registered, nil)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	next := opened(t, address, 0) // Close gave up the lock, and kept the rows
	wantRegister(t, next, registration(1, 1), replayed, nil)
}

// Whatever is asked of a store whose files were changed is refused, and this process does not open them beside it.
func TestSQLiteFilesChanged(t *testing.T) {
	for name, change := range map[string]func(path, link string) error{
		"log":   func(path, _ string) error { return os.Remove(path + "-wal") },
		"index": func(path, _ string) error { return os.Remove(path + "-shm") },
		"link": func(path, link string) error {
			return errors.Join(os.WriteFile(path+".other", nil, 0o600), os.Remove(link), os.Symlink(path+".other", link))
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "register.db")
			link := path + ".link"
			if err := os.Symlink(path, link); err != nil {
				t.Fatal(err)
			}
			withBlock(t, "sqlite://"+path).Close() //nolint:errcheck // its file is what is needed
			store := opened(t, "sqlite://"+link, 0)
			wantRegister(t, store, registration(1, 1), registered, nil)
			if err := change(path, link); err != nil {
				t.Fatal(err)
			}
			plan := func(application.Kept) (application.Changes, error) { return application.Changes{}, nil }
			if err := store.UpdateRegister(t.Context(), application.Scope{}, plan, nil); !errors.Is(err, domain.StoreUnavailable) {
				t.Errorf("update: %v", err)
			}
			wantRegister(t, store, registration(1, 1), "", domain.StoreUnavailable)
			if _, err := store.MembersOf(t.Context(), 7, 4); !errors.Is(err, domain.StoreUnavailable) {
				t.Errorf("members: %v", err)
			}
			if _, err := store.Migrate(t.Context()); !errors.Is(err, domain.StoreUnavailable) {
				t.Errorf("migrate: %v", err)
			}
			if err := store.Ping(t.Context()); !errors.Is(err, domain.StoreUnavailable) {
				t.Errorf("ping: %v", err)
			}
			if err := store.Close(); err != nil {
				t.Error(err)
			}
			if _, err := sqlstore.Open(t.Context(), "sqlite://"+path, sqlstore.Options{}); !errors.Is(err, sqlstore.ErrInUse) {
				t.Errorf("opened beside it: %v", err)
			}
			kept := rowsIn(t, tables.Open(t, "sqlite://"+path))
			if len(kept.Apartments) != 1 {
				t.Errorf("the register has %d apartments", len(kept.Apartments))
			}
		})
	}
}

func TestSQLitePathsOfAllKinds(t *testing.T) {
	folder := t.TempDir()
	for _, name := range []string{
		"plain.db", "with space.db", "what?.db", "a#b.db", "100%.db", "%41.db", "a?mode=memory&x=%23.db", "سجل العقارات.db", "it's \"quoted\".db", "semi;colon.db",
	} {
		path := filepath.Join(folder, name)
		store := withBlock(t, "sqlite://"+path)
		wantRegister(t, store, registration(1, 1), registered, nil)
		if err := store.Close(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if found, err := os.Stat(path); err != nil || found.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
		if all, err := sqlstore.Migrations(t.Context(), "sqlite://"+path); err != nil || len(all) == 0 || all[0].AppliedAt.IsZero() {
			t.Errorf("%s: migrations %v, %v", name, all, err)
		}
	}
	t.Chdir(folder)
	relative := withBlock(t, "sqlite://relative.db")
	wantRegister(t, relative, registration(1, 1), registered, nil)
	// None of the names was read as something else.
	found := must(filepath.Glob(filepath.Join(folder, "*.db")))
	if len(found) != 11 {
		t.Errorf("files %q", found)
	}
}

// Each is refused by its name, at once, and stays as it is.
func TestSQLiteRefusesWhatIsNoRegister(t *testing.T) {
	folder := t.TempDir()
	path := func(name string) string { return filepath.Join(folder, name) }
	write := func(name string, content []byte) {
		t.Helper()
		if err := os.WriteFile(path(name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("text.db", []byte(strings.Repeat("this is no database, but it is long enough\n", 100)))
	write("short.db", []byte("short"))
	// A real one, cut in two, and one with a page overwritten.
	whole := wholeFile(t)
	write("cut.db", whole[:len(whole)/2])
	damaged := append([]byte(nil), whole...)
	for i := 4096; i < len(damaged); i++ {
		damaged[i] = 0xa5
	}
	write("damaged.db", damaged)
	if err := os.Mkdir(path("folder.db"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("loop.db", path("loop.db")); err != nil {
		t.Fatal(err)
	}
	refused := []struct{ name, want string }{
		{"text.db", "damaged or no SQLite database"},
		{"short.db", "damaged or no SQLite database"},
		{"cut.db", "damaged or no SQLite database"},
		{"damaged.db", "damaged or no SQLite database"},
		{"folder.db", "is not a file"},
		{"missing/register.db", "no such file or directory"},
		{"text.db/register.db", "not a directory"},
		{"loop.db", "too many levels of symbolic links"},
	}
	if os.Geteuid() != 0 { // whom no mode holds up
		write("unreadable.db", whole)
		if err := os.Chmod(path("unreadable.db"), 0); err != nil {
			t.Fatal(err)
		}
		refused = append(refused, struct{ name, want string }{"unreadable.db", "cannot be opened"})
	}
	for _, c := range refused {
		before, _ := os.ReadFile(path(c.name))
		store, err := sqlstore.Open(t.Context(), "sqlite://"+path(c.name), sqlstore.Options{})
		if err == nil {
			t.Errorf("%s is opened", c.name)
			_ = store.Close()
			continue
		}
		if !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path(c.name)) {
			t.Errorf("%s: %v, want its name and %q", c.name, err, c.want)
		}
		if after, _ := os.ReadFile(path(c.name)); string(after) != string(before) {
			t.Errorf("%s was changed", c.name)
		}
	}
	for _, address := range []string{"sqlite://", "sqlite:register.db", "register.db", "", "SQLITE://x.db", "sqlite://a\x00b"} {
		if store, err := sqlstore.Open(t.Context(), address, sqlstore.Options{}); err == nil || !strings.Contains(err.Error(), "sqlite://") {
			t.Errorf("%q: %v, want how to write it", address, err)
			if store != nil {
				_ = store.Close()
			}
		}
	}
}

// wholeFile is the content of a register with rows in it.
func wholeFile(t *testing.T) []byte {
	t.Helper()
	address := sqliteURL(t)
	store := withBlock(t, address)
	for i := range 50 {
		wantRegister(t, store, registration(byte(1+i), int64(1+i)), registered, nil)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	return must(os.ReadFile(strings.TrimPrefix(address, "sqlite://")))
}

// What the settings are for, seen from outside: readers see the register while a writer is at work, an apartment needs its
// block, and what is committed is in the log that survives a crash.
func TestSQLiteSettings(t *testing.T) {
	address := sqliteURL(t)
	store := withBlock(t, address)
	db := tables.Open(t, address)
	var mode string
	if err := db.QueryRow("PRAGMA journal_mode").Scan(&mode); err != nil || mode != "wal" {
		t.Errorf("journal mode %s, %v", mode, err)
	}
	wantRegister(t, store, registering(domain.ChangeSetID{1}, 99, 1), "", domain.NotFound)
	if got := rowsIn(t, db); len(got.Apartments)+len(got.Logs) != 0 {
		t.Errorf("kept %+v", got)
	}
}

// Another program holds the lock to write until the callers here have got their answers.
func TestSQLiteCallersWhoLeaveWhileAnotherWrites(t *testing.T) {
	address := sqliteURL(t)
	store := withBlock(t, address)
	other := must(tables.Open(t, address).Conn(t.Context()))
	if _, err := other.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if outcome, err := register(ctx, store, registration(1, 1)); !errors.Is(err, domain.StoreUnavailable) {
		t.Errorf("outcome %q, %v", outcome, err)
	}
	err := store.UpdateRegister(ctx, application.Scope{}, func(application.Kept) (application.Changes, error) { return application.Changes{}, nil }, nil)
	if !errors.Is(err, domain.StoreUnavailable) {
		t.Errorf("update: %v", err)
	}
	if _, err := store.MembersOf(t.Context(), 7, 0); err != nil {
		t.Errorf("readers are not held up: %v", err)
	}
	if _, err := other.ExecContext(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	wantRegister(t, store, registration(1, 1), registered, nil)
}

// Another program holds the lock for a while, longer than another transaction would be tried: what is to be written waits.
func TestSQLiteWaitsWhileAnotherWrites(t *testing.T) {
	const longerThanTried = 500 * time.Millisecond
	address := sqliteURL(t)
	store := withBlock(t, address)
	for name, write := range map[string]func() error{
		"register": func() error {
			_, err := store.Apply(t.Context(), registration(1, 1))
			return err
		},
		"import": func() error {
			nothing := func(application.Kept) (application.Changes, error) { return application.Changes{}, nil }
			return store.UpdateRegister(t.Context(), application.Scope{}, nothing, nil)
		},
	} {
		letGo := held(t, address)
		answer := make(chan error, 1)
		go func() { answer <- write() }()
		select {
		case err := <-answer:
			t.Fatalf("%s did not wait: %v", name, err)
		case <-time.After(longerThanTried): // nothing tells that it waits
		}
		letGo()
		if err := <-answer; err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestClosedStoreIsUnavailable(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, name, address string) {
		store := withBlock(t, address)
		if err := store.Ping(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
		_, readErr := store.MembersOf(t.Context(), 7, 0)
		_, writeErr := store.Apply(t.Context(), registration(1, 1))
		plan := func(application.Kept) (application.Changes, error) { return application.Changes{}, nil }
		for what, err := range map[string]error{
			"members": readErr, "register": writeErr, "update": store.UpdateRegister(t.Context(), application.Scope{}, plan, nil), "ping": store.Ping(t.Context()),
		} {
			if !errors.Is(err, domain.StoreUnavailable) {
				t.Errorf("%s, %s: %v", name, what, err)
			}
		}
	})
}

func TestPingNeedsTheTables(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, name, address string) {
		store := opened(t, address, 0)
		if err := store.Ping(t.Context()); err == nil {
			t.Errorf("%s: answers before it is migrated", name)
		}
		if _, err := store.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := store.Ping(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := store.Ping(ctx); !errors.Is(err, domain.StoreUnavailable) {
			t.Errorf("%s, a caller who is gone: %v", name, err)
		}
	})
}

func TestSQLiteBackup(t *testing.T) {
	address := sqliteURL(t)
	store := withBlock(t, address)
	wantRegister(t, store, registration(1, 1), registered, nil)

	// Writers go on while it is made.
	written := make(chan error)
	stop := make(chan struct{})
	go func() {
		var failed error
		for i := byte(2); i < 250 && failed == nil; i++ {
			select {
			case <-stop:
				i = 249
			default:
				_, failed = store.Apply(t.Context(), registration(i, int64(i)))
			}
		}
		written <- failed
	}()
	folder := t.TempDir()
	target := filepath.Join(folder, "نسخة 100%?.db")
	if err := sqlstore.Backup(t.Context(), address, target); err != nil {
		t.Error(err)
	}
	close(stop)
	if err := <-written; err != nil {
		t.Error(err)
	}
	if found := must(os.Stat(target)); found.Mode() != 0o600 {
		t.Errorf("the backup has the mode %s", found.Mode())
	}
	kept := rowsIn(t, tables.Open(t, "sqlite://"+target))
	if wrong := kept.Contradictions(); len(kept.Apartments) == 0 || len(wrong) > 0 {
		t.Errorf("the backup has %d apartments, and contradictions %q", len(kept.Apartments), wrong)
	}
	restored := opened(t, "sqlite://"+target, 0)
	wantRegister(t, restored, registration(1, 1), replayed, nil)
	wantRegister(t, restored, registration(255, 1), "", domain.NumberTaken)
	wantRegister(t, restored, registration(255, 900), registered, nil)
}

// On an error no file is left, and none is overwritten.
func TestSQLiteBackupRefused(t *testing.T) {
	address := sqliteURL(t)
	store := withBlock(t, address)
	wantRegister(t, store, registration(1, 1), registered, nil)
	folder := t.TempDir()
	there := filepath.Join(folder, "there.db")
	if err := os.WriteFile(there, []byte("keep me"), 0o600); err != nil {
		t.Fatal(err)
	}
	text := filepath.Join(folder, "text.db")
	if err := os.WriteFile(text, []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []struct {
		ctx            context.Context
		source, target string
		want           string
	}{
		{t.Context(), address, there, "overwrites nothing"},
		{t.Context(), address, folder, "overwrites nothing"},
		{t.Context(), address, strings.TrimPrefix(address, "sqlite://"), "overwrites nothing"},
		{t.Context(), address, filepath.Join(folder, "missing", "a.db"), "no such file"},
		{t.Context(), sqliteURL(t), filepath.Join(folder, "new.db"), "is not there"},
		{t.Context(), "sqlite://" + text, filepath.Join(folder, "new.db"), "not a database"},
		{gone, address, filepath.Join(folder, "new.db"), "canceled"},
		{t.Context(), "postgres://x", filepath.Join(folder, "new.db"), "must start with"},
		{t.Context(), "mysql://u:secret@127.0.0.1:1/name", filepath.Join(folder, "new.db"), sqlstore.ErrNoBackup.Error()},
	} {
		err := sqlstore.Backup(c.ctx, c.source, c.target)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s to %s: %v, want %q", c.source, c.target, err, c.want)
		}
	}
	left := must(os.ReadDir(folder))
	if len(left) != 2 || string(must(os.ReadFile(there))) != "keep me" {
		t.Errorf("files %v", left)
	}
	wantRegister(t, store, registration(1, 1), replayed, nil)
	if err := sqlstore.Backup(t.Context(), "mysql://u@h/n", there); !errors.Is(err, sqlstore.ErrNoBackup) {
		t.Errorf("MySQL: %v", err)
	}
	if _, err := os.Stat(filepath.Join(folder, "new.db")); !errors.Is(err, fs.ErrNotExist) {
		t.Error(fmt.Errorf("a file is left: %w", err))
	}
}
