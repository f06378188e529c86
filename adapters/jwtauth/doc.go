// Package jwtauth verifies access tokens and returns the user that each names (wire contract, The token).
// It also mints tokens for development.
//
// The keys of a Verifier decide which algorithms are accepted, never the token. github.com/golang-jwt/jwt/v5 checks the
// signatures. This package reads the header and the claims itself, because that library reads dates as floats and takes the
// last of two members with one name. It reads JWK sets itself too (see ParseJWKS).
package jwtauth
