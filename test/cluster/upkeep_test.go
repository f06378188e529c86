package cluster_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"omarty.net/registry/domain"
	"omarty.net/registry/test/databases"
	"omarty.net/registry/test/history"
)

// switchover turns the node that is written to read-only under load, with another in its place: once with all nodes in the
// URLs, and once through HAProxy.
func switchover(t *testing.T, c *databases.Cluster) {
	for _, way := range []struct {
		name  string
		serve func(*field)
	}{
		{"all nodes in the URL", func(f *field) { f.serve(allNodes) }},
		{"HAProxy before the nodes", func(f *field) {
			through := f.haproxy(f.t)
			for range c.Nodes {
				f.servers = append(f.servers, serve(f.t, through))
			}
		}},
	} {
		t.Run(way.name, func(t *testing.T) {
			f := newRegister(t, c)
			way.serve(f)
			l := f.startLoad(0)
			l.await(between)
			from := f.writer()
			if err := c.Switchover(from, (from+1)%len(c.Nodes)); err != nil {
				t.Fatal(err)
			}
			l.await(between)
			if err := c.SwitchBack(from); err != nil {
				t.Fatal(err)
			}
			l.await(between)
			l.conclude("planned switchover, " + way.name)
		})
	}
}

// slowly leaves a node that joins the time to catch up with what is written meanwhile.
const slowly = 100 * time.Millisecond

// upkeep restarts one node after the other under load, and imports and migrates meanwhile through the next.
func upkeep(t *testing.T, c *databases.Cluster) {
	f := newField(t, c, allNodes)
	l := f.startLoad(slowly)
	imported := 0
	for node := range c.Nodes {
		if err := c.Leave(node); err != nil {
			t.Fatal(err)
		}
		next := f.served((node+1)%len(c.Nodes), everywhere(c))
		ctx, stop := context.WithCancel(t.Context())
		var imports sync.WaitGroup
		imports.Go(func() {
			for ctx.Err() == nil {
				if err := omarty(next, "import", registerFile(t, fmt.Sprintf("Palm Tower %d", imported))); err != nil {
					t.Error(err)
				}
				imported++
			}
		})
		// The last migration is made again.
		f.on(f.writer(), "DELETE FROM goose_db_version WHERE version_id = 4")
		if err := omarty(next, "migrate"); err != nil {
			t.Error(err)
		}
		err := c.Join(node)
		stop()
		imports.Wait()
		if err != nil {
			t.Fatal(err)
		}
		l.await(between / 4)
	}
	l.conclude(fmt.Sprintf("rolling restart, 3 migrations, %d imports", imported))
}

// dismissals is how often a manager is dismissed and reinstated.
const dismissals = 300

// dismissal bans a manager on one node, and asks at the server of another at once, under a load that keeps the nodes busy.
func dismissal(t *testing.T, c *databases.Cluster) {
	if err := c.ReadsAreCurrent(true); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := c.ReadsAreCurrent(false); err != nil {
			t.Error(err)
		}
	}()
	f := newField(t, c, everywhere(c))
	l := f.startLoad(slowly)
	o := history.Operation{User: dismissed, Block: block, Floor: 0, Number: 1}
	at := f.writer()
	unseen := map[domain.MembershipStatus]int{}
	for range dismissals {
		for _, step := range []struct {
			status domain.MembershipStatus
			want   history.Outcome
		}{{domain.MembershipBanned, history.Refused}, {domain.MembershipActive, history.Taken}} {
			f.on(at, "UPDATE memberships SET status = ? WHERE user_id = ?", string(step.status), int64(dismissed))
			if got := f.askOn(f.servers[(at+1)%len(f.servers)], o); got != step.want {
				unseen[step.status]++
			}
		}
	}
	if len(unseen) > 0 {
		t.Errorf("of %d dismissals and reinstatements, the next request at another node's server did not see: %v", dismissals, unseen)
	}
	l.conclude(fmt.Sprintf("%d dismissals, %d not seen at once", dismissals, unseen[domain.MembershipBanned]))
}
