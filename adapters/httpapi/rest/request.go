package rest

import (
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"omarty.net/registry/adapters/httpapi"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// request is a request of a user.
type request struct {
	echo.Context
	info *httpapi.RequestInfo
	user domain.UserID
}

// What a path names. A text that is no id names what is not there, so that it is answered as that is, and after as much work.

func (r *request) block() domain.BlockID {
	r.info.Block = pathID(r.Param("blockId"), domain.NoSuchBlock)
	return r.info.Block
}

func (r *request) apartment() domain.ApartmentID {
	return pathID(r.Param("apartmentId"), domain.NoSuchApartment)
}

func (r *request) changeSet() domain.ChangeSetID {
	text := strings.ToLower(r.Param("changeSetId"))
	raw, err := hex.DecodeString(strings.ReplaceAll(text, "-", ""))
	if err != nil || len(raw) != len(domain.ChangeSetID{}) || domain.ChangeSetID(raw).String() != text {
		return domain.ChangeSetID{}
	}
	return domain.ChangeSetID(raw)
}

func pathID[ID ~int64](text string, none ID) ID {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 || strconv.FormatInt(n, 10) != text {
		return none
	}
	return ID(n)
}

// caller returns who asks for a change.
func (r *request) caller() application.Caller {
	return application.Caller{User: r.user, Source: domain.SourceAPI, RequestID: r.info.ID}
}

// blockPath returns the path of a block, for Location.
func blockPath(id domain.BlockID) string { return "/v1/blocks/" + strconv.FormatInt(int64(id), 10) }

// reply answers with JSON.
func (r *request) reply(status int, body any) error {
	encoded, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return r.send(status, typeJSON, encoded)
}

func (r *request) send(status int, contentType string, encoded []byte) error {
	r.Response().Header().Set(echo.HeaderContentLength, strconv.Itoa(len(encoded)))
	return r.Blob(status, contentType, encoded)
}

// read answers a reading under an entity tag. An empty tag stands for a digest of the answer.
func (r *request) read(tag string, body any) error {
	encoded, err := json.Marshal(body)
	if err != nil {
		return err
	}
	if tag == "" {
		tag = digestTag(encoded)
	}
	if r.conditions("If-None-Match").includesWeakly(tag) {
		return r.notModified(tag)
	}
	r.mayBeKept(tag)
	return r.send(http.StatusOK, typeJSON, encoded)
}

func (r *request) notModified(tag string) error {
	r.mayBeKept(tag)
	return r.NoContent(http.StatusNotModified)
}

// mayBeKept lets the client keep the answer, and ask whether it still holds.
func (r *request) mayBeKept(tag string) {
	h := r.Response().Header()
	h.Set("ETag", tag)
	h.Set(echo.HeaderCacheControl, "private, no-cache")
	h.Add(echo.HeaderVary, echo.HeaderAuthorization)
}
