package rest_test

import (
	"strconv"
	"testing"

	"omarty.net/registry/adapters/httpapi"
)

// operations are all of those on a block: each succeeds for who may.
var operations = []struct {
	method, path, body string
	headers            []string
	// may are the users who may; others who belong to the block are not permitted.
	may    []int
	status int
}{
	{"GET", "/v1/blocks/4", "", nil, members, 200},
	{"GET", apartments, "", nil, members, 200},
	{"GET", apartments + "/1", "", nil, members, 200},
	{"HEAD", apartments + "/1", "", nil, members, 200},
	{"GET", "/v1/blocks/4/changes", "", nil, []int{manager, board}, 200},
	{"GET", "/v1/blocks/4/changes", "", []string{"Accept", "text/csv"}, []int{manager, board}, 200},
	{"GET", changeSets + "/{id}", "", nil, []int{manager, board}, 200},
	{"POST", apartments, `{"floor":5,"number":501}`, nil, []int{manager}, 201},
	{"PATCH", apartments + "/1", `{"floor":2}`, []string{"Content-Type", mergePatch, "If-Match", "*"}, []int{manager}, 200},
	{"DELETE", apartments + "/1", "", []string{"If-Match", "*"}, []int{manager}, 200},
	{"POST", apartments + "/1/restore", "", []string{"If-Match", "*"}, []int{manager}, 200},
	{"POST", changeSets, `{"layout":"6: 601"}`, nil, []int{manager}, 201},
	{"POST", changeSets, `{"layout":"7: 701","dryRun":true}`, nil, []int{manager}, 200},
	{"POST", changeSets, "floor,number\n7,701\n", []string{"Content-Type", "text/csv"}, []int{manager}, 201},
	{"POST", changeSets + "/{id}/undo", `{"dryRun":true}`, nil, []int{manager}, 200},
	{"POST", changeSets + "/{id}/undo", `{}`, nil, []int{manager}, 201},
}

var members = []int{manager, board, cashier, resident, watchman}

// Every operation by everyone: who may not is told so where the user belongs to the block, and else nothing.
func TestPermissions(t *testing.T) {
	s := serve(t, town(t), httpapi.Options{})
	set := s.send(manager, "POST", changeSets, `{"layout":"8: 801"}`).value(t, "changeSetId").(string)
	for _, o := range operations {
		path := replaced(o.path, "{id}", set)
		for user := nobody; user >= manager; user-- { // the manager last: the others leave everything as it was
			want, code := 404, "not_found"
			for _, m := range members {
				if m == user {
					want, code = 403, "not_permitted"
				}
			}
			for _, m := range o.may {
				if m == user {
					want, code = o.status, ""
				}
			}
			got := s.send(user, o.method, path, o.body, o.headers...)
			if got.status != want || code != "" && o.method != "HEAD" && got.code(t) != code {
				t.Errorf("%s %s by user %d: HTTP %d %.200s, want %d %s", o.method, path, user, got.status, got.body, want, code)
			}
		}
	}
}

// Only who may see locations in the ledger gets them, whatever the user has read before.
func TestLocations(t *testing.T) {
	store := town(t)
	s := serve(t, store, httpapi.Options{})
	s.send(manager, "POST", apartments, `{"floor":5,"number":501,"location":{"longitude":31.2357,"latitude":-0}}`)
	const path = "/v1/blocks/4/changes?kind=register"
	mine, theirs := s.send(manager, "GET", path, ""), s.send(board, "GET", path, "")
	if mine.value(t, "items", 0, "location", "longitude") != 31.2357 || theirs.value(t, "items", 0, "location") != nil {
		t.Errorf("the manager sees %s, the board %s", mine.body, theirs.body)
	}
	tag := mine.header.Get("ETag")
	if got := s.send(board, "GET", path, "", "If-None-Match", tag); got.status != 200 {
		t.Errorf("the manager's tag: HTTP %d", got.status)
	}
	if got := s.send(manager, "GET", path, "", "If-None-Match", tag); got.status != 304 {
		t.Errorf("the tag: HTTP %d", got.status)
	}
	if got := s.send(board, "GET", path, "", "If-None-Match", theirs.header.Get("ETag")); got.status != 304 {
		t.Errorf("the board's tag: HTTP %d", got.status)
	}
	for user, sees := range map[int]bool{manager: true, board: false} {
		sheet := s.send(user, "GET", path, "", "Accept", "text/csv")
		if contains(sheet.body, strconv.FormatFloat(31.2357, 'f', -1, 64)) != sees {
			t.Errorf("user %d: %s", user, sheet.body)
		}
	}

	block := s.send(board, "GET", "/v1/blocks/4", "").header.Get("ETag")
	// The block is as it was, and the user is a manager now.
	store.WithManager(board, 4)
	if got := s.send(board, "GET", "/v1/blocks/4", "", "If-None-Match", block); got.status != 200 {
		t.Errorf("the block's tag, once a manager: HTTP %d", got.status)
	}
	if got := s.send(board, "GET", path, "", "If-None-Match", theirs.header.Get("ETag")); got.status != 200 || got.value(t, "items", 0, "location") == nil {
		t.Errorf("the board's tag, once a manager: HTTP %d %s", got.status, got.body)
	}
}
