package jwtauth

import (
	"cmp"
	"strconv"

	"omarty.net/registry/domain"
)

// readUser returns the user that the claims name: by id, or by sub where there is no id. It returns a reason where they
// name none, or two.
func readUser(claims object) (domain.UserID, error) {
	var user domain.UserID
	for _, name := range []string{"id", "sub"} {
		named, err := readUserID(claims, name)
		if err != nil {
			return 0, err
		}
		if user != 0 && named != 0 && named != user {
			return 0, twoUsers
		}
		user = cmp.Or(user, named)
	}
	if user == 0 {
		return 0, noUser
	}
	return user, nil
}

// readUserID reads a claim that is a user's id, as a number or as a string. Either has ASCII digits only, so that it is
// exact: no sign, point or exponent. It returns 0 where the claim is absent or null.
func readUserID(claims object, name string) (domain.UserID, error) {
	digits := claims.value(name)
	if digits == "" {
		return 0, nil
	}
	if text, isText := readText(digits); isText {
		digits = text
	}
	n, err := strconv.ParseUint(digits, 10, 63) // ParseInt would take a sign.
	user, refused := domain.NewUserID(int64(n))
	if err != nil || refused != nil {
		return 0, reason("its " + name + " is not a user's id")
	}
	return user, nil
}
