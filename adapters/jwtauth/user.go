package jwtauth

import (
	"cmp"
	"strconv"
	"strings"

	"omarty.net/registry/domain"
)

// readUser returns the user that the claims name: by id, or by sub where there is no id. It returns a reason where they
// name none, or two.
func readUser(claims object) (domain.UserID, error) {
	id, err := readUserID(claims, "id")
	if err != nil {
		return 0, err
	}
	sub, err := readUserID(claims, "sub")
	if err != nil {
		return 0, err
	}
	if id != 0 && sub != 0 && id != sub {
		return 0, twoUsers
	}
	user := cmp.Or(id, sub)
	if user == 0 {
		return 0, noUser
	}
	return user, nil
}

// readUserID reads a claim that is a user's id, a number or a text. Either is ASCII digits alone, so that it is exact: no
// sign, point or exponent. It is 0 where the claim is absent or null.
func readUserID(claims object, name string) (domain.UserID, error) {
	claim, err := claims.value(name)
	if claim == "" || err != nil {
		return 0, err
	}
	notUser := reason("its " + name + " is not a user's id")
	digits := claim
	if text, isText := readText(claim); isText {
		digits = text
	}
	if strings.Trim(digits, "0123456789") != "" {
		return 0, notUser
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return 0, notUser
	}
	user, err := domain.NewUserID(n)
	if err != nil {
		return 0, notUser
	}
	return user, nil
}
