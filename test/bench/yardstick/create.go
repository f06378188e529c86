package main

import (
	"context"
	"crypto/rand"
	"crypto/sha1"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// createApartment answers POST /omartyapis/Create/.
type createApartment struct {
	register register
	secret   []byte
}

// refusal is an answer that is not a success.
type refusal struct {
	status  int
	message string
}

func (r refusal) Error() string { return r.message }

const (
	bodyLimit = 64 << 10
	timeout   = 5 * time.Second
)

func (h *createApartment) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	replayed, err := h.create(w, r)
	w.Header().Set("Content-Type", "application/json")
	if err == nil {
		if replayed {
			w.Header().Set("Idempotent-Replayed", "true")
		}
		_, _ = io.WriteString(w, `{"status":200,"data":"Apartment registered."}`) // a client that is gone asks again
		return
	}
	refused := refusal{503, "Service is unavailable, please try again."}
	_ = errors.As(err, &refused)
	w.WriteHeader(refused.status)
	fmt.Fprintf(w, `{"status":%d,"message":%q}`, refused.status, refused.message)
}

func (h *createApartment) create(w http.ResponseWriter, r *http.Request) (replayed bool, err error) {
	a := apartment{at: time.Now()}
	if a.user, err = h.user(r.Header.Get("Authorization")); err != nil {
		return false, err
	}
	r.Body = http.MaxBytesReader(w, r.Body, bodyLimit)
	if err := r.ParseForm(); err != nil {
		return false, refusal{400, "Request body could not be read."}
	}
	var own int64
	if own, err = a.read(r); err != nil {
		return false, err
	}
	if err := a.identify(r.Header.Get("Idempotency-Key")); err != nil {
		return false, err
	}
	ctx, cancel := context.WithTimeout(r.Context(), timeout)
	defer cancel()
	manages, err := h.register.manages(ctx, a.user, a.block, own)
	if err != nil {
		return false, err
	}
	if !manages {
		return false, errDenied
	}
	return h.register.add(ctx, a)
}

// read reads the form.
func (a *apartment) read(r *http.Request) (own int64, err error) {
	switch api := r.PostForm.Get("api"); {
	case api == "":
		return 0, refusal{404, "Please enter api."}
	case !strings.EqualFold(api, "CreateApartment"):
		return 0, refusal{404, "API does not exist."}
	}
	for _, whole := range []struct {
		name      string
		to        *int64
		low, high int64
		optional  bool
	}{
		{"floorNum", &a.floor, -20, 300, false},
		{"aptNum", &a.number, 1, 999999, false},
		{"blockId", &a.block, 1, 1<<63 - 1, false},
		{"apartmentId", &own, 1, 1<<63 - 1, true},
	} {
		text := strings.TrimSpace(r.PostForm.Get(whole.name))
		if text == "" && whole.optional {
			continue
		}
		if text == "" {
			return 0, refusal{200, "Please enter " + whole.name + "."}
		}
		if *whole.to, err = strconv.ParseInt(text, 10, 64); err != nil {
			return 0, refusal{200, whole.name + " must be a whole number."}
		}
		if *whole.to < whole.low || *whole.to > whole.high {
			return 0, refusal{200, fmt.Sprintf("%s must be between %d and %d.", whole.name, whole.low, whole.high)}
		}
	}
	if own != 0 {
		a.through = &own
	}
	if a.longitude, err = degrees(r, "longitude", 180); err != nil {
		return 0, err
	}
	a.latitude, err = degrees(r, "latitude", 90)
	return own, err
}

func degrees(r *http.Request, name string, limit float64) (*float64, error) {
	text := strings.TrimSpace(r.PostForm.Get(name))
	if text == "" {
		return nil, nil
	}
	value, err := strconv.ParseFloat(text, 64)
	if err != nil || value != value {
		return nil, refusal{200, name + " must be a number."}
	}
	if value < -limit || value > limit {
		return nil, refusal{200, fmt.Sprintf("%s must be between %g and %g.", name, -limit, limit)}
	}
	return &value, nil
}

// identify gives the registration its id: of the user's key, or a UUID of version 7.
func (a *apartment) identify(key string) error {
	if key == "" {
		_, _ = rand.Read(a.id[6:])
		millis := a.at.UnixMilli()
		for i := range 6 {
			a.id[i] = byte(millis >> (40 - 8*i))
		}
		a.id[6], a.id[8] = a.id[6]&0x0f|0x70, a.id[8]&0x3f|0x80
		return nil
	}
	hidden := func(r rune) bool { return r <= ' ' || r > '~' }
	if len(key) > 255 || strings.ContainsFunc(key, hidden) {
		return refusal{400, "Idempotency-Key is not valid."}
	}
	sum := sha1.Sum([]byte(strconv.FormatInt(a.user, 10) + "\x00" + key))
	copy(a.id[:], sum[:])
	return nil
}
