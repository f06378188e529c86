package migrations

import (
	"fmt"
	"sync"
	"time"
)

// Progress is how far a migration is. The zero value is ready; it is safe for concurrent use.
type Progress struct {
	mu        sync.Mutex
	work      string
	began     time.Time
	done, all int64
	rows      int64
	unit      string
}

// Begin says what is done next, which tells of nothing but that it goes on.
func (p *Progress) Begin(work string) { p.begin(work, "", 0) }

// begin says what is done next, and of how many.
func (p *Progress) begin(work, unit string, all int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.work, p.unit, p.began = work, unit, time.Now()
	p.done, p.all, p.rows = 0, all, 0
}

// did adds what was done, and its rows.
func (p *Progress) did(done, rows int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done += done
	p.rows += rows
}

// String tells it in a line, such as "copy apartments into the ledger: block 12 of 40, 120000 rows, 3s".
func (p *Progress) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	text := p.work
	if p.unit != "" {
		text += fmt.Sprintf(": %s %d of %d, %d rows", p.unit, p.done, p.all, p.rows)
	}
	return fmt.Sprintf("%s, %s", text, time.Since(p.began).Round(time.Second))
}
