package registerfile

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"omarty.net/registry/application"
)

// File is a register file that was read. Use Read.
type File struct {
	// register has the rows without a fault, lines where they begin.
	register application.Register
	lines    map[application.Section][]int
	faults   Faults
	// unread has the rows with a fault. Their id is 0 where it could not be read, or where no row names them by an id.
	unread map[application.Entry]bool
}

// Line returns the line in which a row of the register begins, from 1.
func (f *File) Line(row application.RowRef) int { return f.lines[row.Section][row.Index] }

// Register returns the rows of the file that have no fault. Where there are others, it returns Faults too.
func (f *File) Register() (application.Register, error) {
	if len(f.faults) > 0 {
		return f.register, f.faults
	}
	return f.register, nil
}

// Import imports the file: all of it or, where anything is wrong with it, nothing. It returns Faults, which name every
// row that stands in the way, and domain.StoreUnavailable.
func (f *File) Import(ctx context.Context, imports *application.ImportRegister, progress func(done, total int)) (application.Summary, error) {
	if len(f.faults) > 0 {
		summary, _, err := f.Check(ctx, imports)
		return summary, err
	}
	summary, err := imports.Import(ctx, f.register, progress)
	return summary, f.inLines(err)
}

// Check tells what Import would do, and writes nothing. It returns the errors of Import.
func (f *File) Check(ctx context.Context, imports *application.ImportRegister) (application.Summary, []application.Difference, error) {
	summary, differences, err := imports.Check(ctx, f.register)
	if err := f.inLines(err); err != nil {
		return application.Summary{}, nil, err
	}
	return summary, differences, nil
}

// inLines takes the error of an import. It returns the import's faults and the file's own as one, by line, and any other
// error as it is. It leaves out what an unread row may mend, so that no row is blamed for naming it.
func (f *File) inLines(err error) error {
	found, refused := errors.AsType[application.Faults](err)
	if err != nil && !refused {
		return err
	}
	all := slices.Clone(f.faults)
	for _, fault := range found {
		ofUnknownID := application.Entry{Section: fault.Missing.Section}
		if !f.unread[fault.Missing] && !f.unread[ofUnknownID] {
			all = append(all, Fault{Line: f.Line(fault.Row), Problem: fault.Problem(f.place)})
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all.sorted()
}

// place names a row by its line.
func (f *File) place(row application.RowRef) string { return "line " + strconv.Itoa(f.Line(row)) }
