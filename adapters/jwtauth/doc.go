// Package jwtauth turns an access token into the user that it names: tokens in, users out (wire contract, The token).
// It also mints tokens for development.
//
// The keys that a Verifier is built with decide which algorithms are accepted, never the token. Signatures are checked by
// github.com/golang-jwt/jwt/v5; the claims are read here, since that library reads dates through a float and lets the last
// of two claims with the same name win.
package jwtauth
