package history

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"omarty.net/registry/domain"
)

// The register that clients begin with: a block with one apartment, and the users who manage it; and another block, of the
// first of them.
const (
	Block      domain.BlockID = 4
	OtherBlock domain.BlockID = 5
	FirstUser  domain.UserID  = 101
)

// WriteRegister writes it into a folder, with a name for the block and so many managers.
func WriteRegister(folder, name string, managers int) (path string, err error) {
	var b strings.Builder
	fmt.Fprintf(&b, "blocks:\n  - {id: %d, name: %s, status: active}\n  - {id: %d, name: Nile Tower, status: active}\n", Block, name, OtherBlock)
	fmt.Fprintf(&b, "apartments:\n  - {id: 1, block: %d, floor: 0, number: 1}\nmemberships:\n", Block)
	for i := range domain.UserID(managers) {
		fmt.Fprintf(&b, "  - {user: %d, block: %d, role: manager, status: active}\n", FirstUser+i, Block)
	}
	fmt.Fprintf(&b, "  - {user: %d, block: %d, role: manager, status: active}\n", FirstUser, OtherBlock)
	path = filepath.Join(folder, "register.yaml")
	return path, os.WriteFile(path, []byte(b.String()), 0o600)
}

// Contended returns the nth operation of many clients, by the one of this index: of four in a row two are for the same number.
func Contended(client, n int) Operation {
	o := Operation{User: FirstUser + domain.UserID(client), Block: Block, Floor: n % 4, Number: 10 + n}
	if n%4 == 3 {
		o.Number--
	}
	return o
}
