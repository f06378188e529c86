package rest

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"omarty.net/registry/adapters/httpapi"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// ChangeSetLimit is the length of the longest body of a change set, in bytes.
const ChangeSetLimit = 8 << 20

// changeSetPatience is how long a client may take to send a change set.
const changeSetPatience = time.Minute

type changeSetBody struct {
	ChangeSetID *string             `json:"changeSetId"`
	DryRun      bool                `json:"dryRun"`
	Version     domain.Sequence     `json:"version"`
	Counts      changeCounts        `json:"counts"`
	Changes     []appliedChangeBody `json:"changes"`
}

type changeCounts struct {
	Register  int `json:"register"`
	Correct   int `json:"correct"`
	Retire    int `json:"retire"`
	Restore   int `json:"restore"`
	Import    int `json:"import,omitempty"`
	Unchanged int `json:"unchanged"`
}

type appliedChangeBody struct {
	Index       int                 `json:"index"`
	Kind        domain.ChangeKind   `json:"kind"`
	ApartmentID *domain.ApartmentID `json:"apartmentId"`
	Before      *stateBody          `json:"before"`
	After       *stateBody          `json:"after"`
	Outcome     domain.Outcome      `json:"outcome"`
}

func changeSetOf(out application.ChangeSetOutput, dryRun bool) changeSetBody {
	body := changeSetBody{DryRun: dryRun, Version: out.Version, Changes: make([]appliedChangeBody, len(out.Changes))}
	if out.ID != (domain.ChangeSetID{}) {
		id := out.ID.String()
		body.ChangeSetID = &id
	}
	for i, c := range out.Changes {
		body.Counts.add(c)
		body.Changes[i] = appliedChangeBody{
			Index: i, Kind: c.Kind, ApartmentID: orNull(c.Apartment.ID()), Before: stateOf(c.Before), After: stateOf(c.Apartment.State()), Outcome: c.Outcome,
		}
	}
	return body
}

// add counts a change.
func (n *changeCounts) add(c domain.AppliedChange) {
	switch {
	case c.Outcome == domain.Unchanged:
		n.Unchanged++
	case c.Kind == domain.ChangeRegister:
		n.Register++
	case c.Kind == domain.ChangeCorrect:
		n.Correct++
	case c.Kind == domain.ChangeRetire:
		n.Retire++
	case c.Kind == domain.ChangeRestore:
		n.Restore++
	default:
		n.Import++
	}
}

// applyChangeSet is POST /v1/blocks/{blockId}/changeSets.
func (s *Surface) applyChangeSet(r *request) error {
	contentType, err := r.contentType("Accept", typeJSON, typeCSV)
	if err != nil {
		return err
	}
	// A long body may take longer than the server gives others. Where there is no deadline, none is set.
	_ = http.NewResponseController(r.Response()).SetReadDeadline(time.Now().Add(changeSetPatience))
	in := application.ApplyChangeSetInput{Caller: r.caller(), Block: r.block()}
	if contentType == typeCSV {
		err = s.decodeSheet(r, &in)
	} else {
		err = s.decodeChangeSet(r, &in)
	}
	if err != nil {
		return err
	}
	out, err := httpapi.Call(s.server, r, s.use.ApplyChangeSet, in)
	if err != nil {
		return s.withCurrent(r, in.Block, err)
	}
	return r.replyChangeSet(in.Block, out, in.DryRun)
}

// decodeChangeSet reads a change set of JSON.
func (s *Surface) decodeChangeSet(r *request, in *application.ApplyChangeSetInput) error {
	return s.decode(r, ChangeSetLimit, func(f *faults, o object) {
		switch changes, layout := o.get("changes"), o.get("layout"); {
		case changes.given() && layout.given():
			f.add(layout.at, domain.Repeated, "stands beside changes: give one of them")
		case layout.given():
			in.Changes = f.layout(layout)
		default:
			in.Changes = f.changes(changes)
		}
		in.DryRun, in.IfVersion = f.boolean(o.get("dryRun")), f.version(o.get("ifVersion"), 0)
		in.Location, in.Through = f.location(o.get("location")), f.apartmentID(o.get("throughApartmentId"))
	}, &in.Key, "changes", "layout", "dryRun", "ifVersion", "location", "throughApartmentId")
}

// decodeSheet reads a change set of CSV.
func (s *Surface) decodeSheet(r *request, in *application.ApplyChangeSetInput) (err error) {
	q := r.query("dryRun", "ifVersion")
	in.DryRun = q.boolean("dryRun")
	if n, given := q.ranged("ifVersion", 0, maxID); given {
		version := domain.Sequence(n)
		in.IfVersion = &version
	}
	if err := q.err(); err != nil {
		return err
	}
	body, release, err := s.server.ReadBody(r, ChangeSetLimit)
	defer release()
	if err != nil {
		return err
	}
	var f faults
	if in.Changes, err = f.sheet(body); err != nil {
		return err
	}
	if in.Key, err = httpapi.IdempotencyKey(r.Request().Header); err != nil {
		return err
	}
	return f.err()
}

// withCurrent adds the block as it is now to the refusal of a change set that expects another version.
func (s *Surface) withCurrent(r *request, id domain.BlockID, err error) error {
	if _, ok := errors.AsType[*domain.StaleBlockError](err); !ok {
		return err
	}
	current, failed := s.readBlock(r, id)
	if failed != nil {
		return failed
	}
	return &staleBlock{err, current}
}

// changes reads the changes of a change set.
func (f *faults) changes(v value) []domain.Change {
	if !v.given() {
		f.refuse(v.at, domain.Missing)
		return nil
	}
	if v.raw[0] != '[' {
		f.add(v.at, domain.Unreadable, "must be an array")
		return nil
	}
	var changes []domain.Change
	for i, raw := range elements(v.raw) {
		if i == domain.MaxChanges {
			f.add(v.at, domain.TooLong, "has more than "+strconv.Itoa(domain.MaxChanges)+" changes")
			break
		}
		changes = append(changes, f.change(value{raw, v.at + "/" + strconv.Itoa(i)}))
	}
	if len(changes) == 0 {
		f.refuse(v.at, domain.Missing)
	}
	return changes
}

// members of a change, by its kind.
var membersOfChange = map[domain.ChangeKind][]string{
	domain.ChangeRegister: {"kind", "floor", "number"},
	domain.ChangeCorrect:  {"kind", "apartmentId", "floor", "number", "ifVersion"},
	domain.ChangeRetire:   {"kind", "apartmentId", "ifVersion"},
	domain.ChangeRestore:  {"kind", "apartmentId", "ifVersion"},
}

// change reads one change, the zero change where there are faults.
func (f *faults) change(v value) (change domain.Change) {
	kind, known := f.kindOf(v)
	if !known {
		return change
	}
	o := f.object(v, membersOfChange[kind]...)
	if kind == domain.ChangeRegister {
		return f.register(o)
	}
	if id := o.get("apartmentId"); !id.given() {
		f.refuse(id.at, domain.Missing)
	}
	apartment, ifVersion := f.apartmentID(o.get("apartmentId")), domain.Sequence(0)
	if version := f.version(o.get("ifVersion"), 1); version != nil {
		ifVersion = *version
	}
	switch kind { // an error is a fault that is told already
	case domain.ChangeCorrect:
		change, _ = domain.NewCorrect(apartment, f.floor(o.get("floor")), f.number(o.get("number")), ifVersion)
	case domain.ChangeRetire:
		change, _ = domain.NewRetire(apartment, ifVersion)
	default:
		change, _ = domain.NewRestore(apartment, ifVersion)
	}
	return change
}

// kindOf reads the kind of a change, which tells what else it may have.
func (f *faults) kindOf(v value) (kind domain.ChangeKind, known bool) {
	if v.raw[0] != '{' {
		f.add(v.at, domain.Unreadable, "must be an object")
		return "", false
	}
	at := value{at: v.at + "/kind"}
	for name, raw := range members(v.raw) {
		if name == "kind" {
			at.raw = raw
			break
		}
	}
	if !at.given() {
		f.refuse(at.at, domain.Missing)
		return "", false
	}
	text, ok := f.text(at)
	if !ok {
		return "", false
	}
	if kind = domain.ChangeKind(text); membersOfChange[kind] == nil {
		f.add(at.at, domain.NotKnown, "must be register, correct, retire or restore")
		return "", false
	}
	return kind, true
}

// layout reads a block described as people do.
func (f *faults) layout(v value) []domain.Change {
	if v.raw[0] == '{' {
		return f.floorsLayout(v)
	}
	text, ok := f.text(v)
	if !ok {
		return nil
	}
	layout, err := domain.ParseLayout(text)
	if wrong, ok := errors.AsType[*domain.LayoutError](err); ok {
		for _, fault := range wrong.Faults {
			f.add(v.at, fault.Code, "line "+strconv.Itoa(fault.Line)+", column "+strconv.Itoa(fault.Column)+": "+fault.Text)
		}
		return nil
	}
	f.refuse(v.at, err)
	return layout.Changes()
}

// floorsLayout reads a layout by floors and apartments a floor.
func (f *faults) floorsLayout(v value) []domain.Change {
	before := len(f.values)
	o := f.object(v, "floors", "perFloor", "numbering", "first")
	required := []value{o.get("perFloor"), o.get("numbering")}
	floors := f.object(o.get("floors"), "from", "to")
	if o.get("floors").given() {
		required = append(required, floors.get("from"), floors.get("to"))
	}
	for _, v := range required {
		if !v.given() {
			f.refuse(v.at, domain.Missing)
		}
	}
	from, to := f.floor(floors.get("from")), f.floor(floors.get("to"))
	perFloor, _ := f.whole(o.get("perFloor"))
	numbering, _ := f.text(o.get("numbering"))
	first, given := f.whole(o.get("first"))
	if !given {
		first = 1
	}
	if len(f.values) > before {
		return nil
	}
	layout, err := domain.NewLayout(from, to, clamped(perFloor), domain.Numbering(numbering), clamped(first))
	for _, fault := range each(err) {
		f.refuse(v.at+"/"+layoutFields[fault.Field], fault)
	}
	return layout.Changes()
}

// layoutFields are the members of a layout that a *domain.FieldError of domain.NewLayout can name.
var layoutFields = map[domain.Field]string{
	domain.FieldFrom: "floors/from", domain.FieldTo: "floors/to", domain.FieldPerFloor: "perFloor",
	domain.FieldNumbering: "numbering", domain.FieldFirst: "first",
}

// clamped returns a number that is out of every range as one that an int holds.
func clamped(n int64) int { return int(max(min(n, 1<<30), -1<<30)) }

// each returns the faults of an error, of one or of several joined.
func each(err error) []*domain.FieldError {
	if joined, ok := err.(interface{ Unwrap() []error }); ok { //nolint:errorlint // it is the shape of errors.Join
		var all []*domain.FieldError
		for _, one := range joined.Unwrap() {
			all = append(all, each(one)...)
		}
		return all
	}
	if fault, ok := errors.AsType[*domain.FieldError](err); ok {
		return []*domain.FieldError{fault}
	}
	return nil
}

// replyChangeSet answers with what came of a change set. One that changed nothing is not in the ledger, and has no id.
func (r *request) replyChangeSet(block domain.BlockID, out application.ChangeSetOutput, dryRun bool) error {
	if !slices.ContainsFunc(out.Changes, func(c domain.AppliedChange) bool { return c.Outcome == domain.Done }) {
		out.ID = domain.ChangeSetID{}
	}
	httpapi.MarkReplayed(r, out.Replayed)
	body := changeSetOf(out, dryRun)
	if body.ChangeSetID == nil {
		return r.reply(http.StatusOK, body)
	}
	r.Response().Header().Set(echo.HeaderLocation, blockPath(block)+"/changeSets/"+*body.ChangeSetID)
	return r.reply(http.StatusCreated, body)
}

// getChangeSet is GET /v1/blocks/{blockId}/changeSets/{changeSetId}.
func (s *Surface) getChangeSet(r *request) error {
	if err := r.query().err(); err != nil {
		return err
	}
	in := application.GetChangeSetInput{User: r.user, Block: r.block(), ChangeSet: r.changeSet()}
	out, err := httpapi.Call(s.server, r, s.use.GetChangeSet, in)
	if err != nil {
		return err
	}
	return r.read("", changeSetOf(out, false))
}

// undoChangeSet is POST /v1/blocks/{blockId}/changeSets/{changeSetId}/undo.
func (s *Surface) undoChangeSet(r *request) error {
	if _, err := r.contentType("Accept", typeJSON); err != nil {
		return err
	}
	in := application.UndoChangeSetInput{Caller: r.caller(), Block: r.block(), ChangeSet: r.changeSet()}
	err := s.decode(r, s.server.BodyLimit(), func(f *faults, o object) {
		in.DryRun = f.boolean(o.get("dryRun"))
	}, &in.Key, "dryRun")
	if err != nil {
		return err
	}
	out, err := httpapi.Call(s.server, r, s.use.UndoChangeSet, in)
	if err != nil {
		return err
	}
	return r.replyChangeSet(in.Block, out, in.DryRun)
}
