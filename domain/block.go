package domain

import "unicode/utf8"

// BlockStatus says whether a block takes part.
type BlockStatus string

// The statuses of a block. In a suspended one, no membership gives anything.
const (
	BlockActive    BlockStatus = "active"
	BlockSuspended BlockStatus = "suspended"
)

// ParseBlockStatus reads a status by its name, or returns a *FieldError with the code NotKnown, or Missing for none.
func ParseBlockStatus(text string) (BlockStatus, error) {
	return oneOf(FieldStatus, text, BlockActive, BlockSuspended)
}

// MaxBlockName is the length of the longest name of a block, in characters.
const MaxBlockName = 255

// Block is a residential block: one building.
type Block struct {
	id     BlockID
	name   string
	status BlockStatus
}

// NewBlock returns a block. Its name may be empty. It returns a *FieldError for an id that is not above 0, a name longer
// than MaxBlockName or not in UTF-8, or an unknown status.
func NewBlock(id BlockID, name string, status BlockStatus) (Block, error) {
	if _, err := NewBlockID(int64(id)); err != nil {
		return Block{}, err
	}
	if !utf8.ValidString(name) {
		return Block{}, &FieldError{Field: FieldName, Code: NotText}
	}
	if utf8.RuneCountInString(name) > MaxBlockName {
		return Block{}, &FieldError{Field: FieldName, Code: TooLong}
	}
	if _, err := ParseBlockStatus(string(status)); err != nil {
		return Block{}, err
	}
	return Block{id: id, name: name, status: status}, nil
}

// RestoreBlock reloads a block that a store kept. A status that this version does not know is kept, and is not active.
// It returns a *FieldError for an id that is not above 0.
func RestoreBlock(id BlockID, name string, status BlockStatus) (Block, error) {
	if _, err := NewBlockID(int64(id)); err != nil {
		return Block{}, err
	}
	return Block{id: id, name: name, status: status}, nil
}

// ID returns the block's id.
func (b Block) ID() BlockID { return b.id }

// Name returns what the building is called.
func (b Block) Name() string { return b.name }

// Status returns whether the block takes part.
func (b Block) Status() BlockStatus { return b.status }

func oneOf[T ~string](field Field, text string, known ...T) (T, error) {
	for _, k := range known {
		if string(k) == text {
			return k, nil
		}
	}
	if text == "" {
		return "", &FieldError{Field: field, Code: Missing}
	}
	return "", &FieldError{Field: field, Code: NotKnown}
}
