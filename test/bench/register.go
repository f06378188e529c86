package main

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"time"

	"omarty.net/registry/adapters/jwtauth"
	"omarty.net/registry/domain"
)

// register is the register that a load adds to: blocks, and managers of them in turn, each of whom lives in apartment 1 of his.
type register struct {
	blocks int
	// tokens are the managers'.
	tokens []string
	// over is how many of the blocks new apartments are in, and taken how many numbers those have already.
	over, taken int
}

// newRegister returns a register with so many blocks and managers, whose tokens live for an hour.
func newRegister(blocks, managers int, secret []byte) (register, error) {
	r := register{blocks: blocks, over: blocks, tokens: make([]string, managers), taken: 1}
	now := time.Now()
	for i := range r.tokens {
		var err error
		if r.tokens[i], err = jwtauth.Mint(secret, domain.UserID(i+1), time.Hour, now); err != nil {
			return register{}, err
		}
	}
	return r, nil
}

// write writes the register as a file that omarty imports.
func (r register) write(path string) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // an error of writing shows before
	w := bufio.NewWriter(file)
	fmt.Fprintln(w, "blocks:")
	for id := 1; id <= r.blocks; id++ {
		fmt.Fprintf(w, "- {id: %d, name: Block %d, status: active}\n", id, id)
	}
	fmt.Fprintln(w, "apartments:")
	for id := 1; id <= r.blocks; id++ {
		fmt.Fprintf(w, "- {id: %d, block: %d, floor: 0, number: 1}\n", id, id)
	}
	fmt.Fprintln(w, "memberships:")
	for i := range r.tokens {
		id := 1 + i%r.blocks
		fmt.Fprintf(w, "- {user: %d, block: %d, apartment: %d, role: manager, status: active}\n", i+1, id, id)
	}
	return w.Flush()
}

// request appends the request for the nth new apartment, as the app sends it. The managers of a block ask in turn.
func (r register) request(to []byte, n int64) []byte {
	block, turn := n%int64(r.over), n/int64(r.over)
	number := int64(r.taken) + 1 + turn
	manager := block + int64(r.blocks)*(turn%int64(len(r.tokens)/r.blocks))
	var form [192]byte
	body := append(form[:0], "api=CreateApartment&floorNum="...)
	body = strconv.AppendInt(body, number%40, 10)
	body = append(body, "&aptNum="...)
	body = strconv.AppendInt(body, number, 10)
	body = append(body, "&blockId="...)
	body = strconv.AppendInt(body, block+1, 10)
	body = append(body, "&apartmentId="...)
	body = strconv.AppendInt(body, block+1, 10)
	body = append(body, "&longitude=31.2357116&latitude=30.0444196"...)
	to = append(to, "POST /omartyapis/Create/ HTTP/1.1\r\nHost: omarty\r\nAccept-Encoding: gzip, deflate, br\r\n"+
		"Content-Type: application/x-www-form-urlencoded\r\nAuthorization: Bearer "...)
	to = append(to, r.tokens[manager]...)
	to = append(to, "\r\nContent-Length: "...)
	to = strconv.AppendInt(to, int64(len(body)), 10)
	to = append(to, "\r\n\r\n"...)
	return append(to, body...)
}
