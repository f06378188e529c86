package application

import (
	"context"

	"omarty.net/registry/domain"
)

// ExportRegister reads the register as ImportRegister takes it. It asks for no permission: it is for whoever runs the register. Use
// NewExportRegister; it is safe for concurrent use.
type ExportRegister struct{ exporter Exporter }

// NewExportRegister returns the use case over its port.
func NewExportRegister(exporter Exporter) *ExportRegister { return &ExportRegister{exporter} }

// Export hands out every block, apartment and membership, as Exporter promises; of these blocks alone, where any are named.
//
// It returns the error of the reader that ended it, and domain.StoreUnavailable.
func (e *ExportRegister) Export(ctx context.Context, to RegisterReader, blocks ...domain.BlockID) error {
	if len(blocks) == 0 {
		blocks = nil // all of them
	}
	return e.exporter.ExportRegister(ctx, blocks, to)
}
