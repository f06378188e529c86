// Package jwtauth turns an access token into the user that it names: tokens in, users out (wire contract, The token).
// It also mints tokens for development.
//
// The keys that a Verifier has decide which algorithms are accepted, never the token. Signatures are checked by
// github.com/golang-jwt/jwt/v5. The header and the claims are read here, once and only here, since that library reads
// dates through a float and lets the last of two members with the same name win. So are JWK sets: four small formats,
// where the libraries for them bring HTTP clients, private keys and encryption along.
package jwtauth
