package rest

import (
	"omarty.net/registry/adapters/httpapi"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// listBlocks is GET /v1/blocks.
func (s *Surface) listBlocks(r *request) error {
	q := r.query("pageSize", "pageToken")
	in := application.ListBlocksInput{User: r.user, Limit: q.pageSize()}
	if err := q.err(); err != nil {
		return err
	}
	page := r.page(q, 0)
	cursor, err := s.pageCursor(q, page, 1)
	if err != nil {
		return err
	}
	if cursor != nil {
		after := domain.BlockID(cursor[0])
		in.After = &after
	}
	out, err := httpapi.Call(s.server, r, s.use.ListBlocks, in)
	if err != nil {
		return err
	}
	body := list[blockBody]{Items: make([]blockBody, len(out.Items))}
	for i, b := range out.Items {
		body.Items[i] = blockOf(b)
	}
	if out.Next != nil {
		token := s.tokens.seal(page, int64(*out.Next))
		body.NextPageToken = &token
	}
	return r.read("", body)
}

// getBlock is GET /v1/blocks/{blockId}.
func (s *Surface) getBlock(r *request) error {
	if err := r.query().err(); err != nil {
		return err
	}
	body, err := s.readBlock(r, r.block())
	if err != nil {
		return err
	}
	return r.read(blockTag(body), body)
}

func (s *Surface) readBlock(r *request, id domain.BlockID) (blockBody, error) {
	out, err := httpapi.Call(s.server, r, s.use.GetBlock, application.GetBlockInput{User: r.user, Block: id})
	if err != nil {
		return blockBody{}, err
	}
	return blockOf(out), nil
}
