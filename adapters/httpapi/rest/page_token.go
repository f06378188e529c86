package rest

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
)

// maxPageToken is the length of the longest page token that is looked at.
const maxPageToken = 256

// pageTokens seals cursors, so that they show nothing and fit the query and user alone that they were issued for.
type pageTokens struct {
	aead  cipher.AEAD
	nonce []byte // the key of nonces
}

func newPageTokens(secret []byte) pageTokens {
	block, err := aes.NewCipher(derived(secret, "omarty page tokens, sealing"))
	if err != nil {
		panic(err) // the key has the length of one
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err) // AES has the block size of GCM
	}
	return pageTokens{aead, derived(secret, "omarty page tokens, nonces")}
}

func derived(secret []byte, use string) []byte {
	key, err := hkdf.Key(sha256.New, secret, nil, use, 32)
	if err != nil {
		panic(err) // 32 bytes are not too many
	}
	return key
}

// seal returns the token of a cursor. The nonce is derived from the cursor and the query, so that the same page has the same token.
func (p pageTokens) seal(query string, cursor ...int64) string {
	var plain []byte
	for _, n := range cursor {
		plain = binary.AppendVarint(plain, n)
	}
	nonce := p.mac(query + "\x00" + string(plain))[:p.aead.NonceSize()]
	return base64.RawURLEncoding.EncodeToString(p.aead.Seal(nonce, nonce, plain, []byte(query)))
}

// open returns the cursor of a token, or pageTokenInvalid where it was not issued for this query.
func (p pageTokens) open(query, token string, length int) ([]int64, error) {
	if len(token) > maxPageToken {
		return nil, pageTokenInvalid
	}
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(sealed) < p.aead.NonceSize() {
		return nil, pageTokenInvalid
	}
	plain, err := p.aead.Open(nil, sealed[:p.aead.NonceSize()], sealed[p.aead.NonceSize():], []byte(query))
	if err != nil {
		return nil, pageTokenInvalid
	}
	cursor := make([]int64, length)
	for i := range cursor {
		n, size := binary.Varint(plain)
		if size <= 0 {
			return nil, pageTokenInvalid
		}
		cursor[i], plain = n, plain[size:]
	}
	return cursor, nil
}

// digest returns a digest of a text that only servers with the same secret have.
func (p pageTokens) digest(text string) string {
	return base64.RawURLEncoding.EncodeToString(p.mac("digest\x00" + text)[:12])
}

func (p pageTokens) mac(text string) []byte {
	h := hmac.New(sha256.New, p.nonce)
	h.Write([]byte(text))
	return h.Sum(nil)
}
