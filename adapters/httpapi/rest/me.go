package rest

import (
	"omarty.net/registry/adapters/httpapi"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

type meBody struct {
	UserID      domain.UserID    `json:"userId"`
	Memberships []membershipBody `json:"memberships"`
}

type membershipBody struct {
	BlockID     domain.BlockID          `json:"blockId"`
	BlockName   string                  `json:"blockName"`
	BlockStatus domain.BlockStatus      `json:"blockStatus"`
	ApartmentID *domain.ApartmentID     `json:"apartmentId"`
	Role        domain.Role             `json:"role"`
	Status      domain.MembershipStatus `json:"status"`
	Permissions []domain.Action         `json:"permissions"`
}

// getMe is GET /v1/me.
func (s *Surface) getMe(r *request) error {
	if err := r.query().err(); err != nil {
		return err
	}
	memberships, err := httpapi.Call(s.server, r, s.use.ListMemberships, application.ListMembershipsInput{User: r.user})
	if err != nil {
		return err
	}
	body := meBody{r.user, make([]membershipBody, len(memberships))}
	for i, m := range memberships {
		body.Memberships[i] = membershipBody{
			BlockID: m.Block.ID(), BlockName: m.Block.Name(), BlockStatus: m.Block.Status(), ApartmentID: orNull(m.Membership.Apartment()),
			Role: m.Membership.Role(), Status: m.Membership.Status(), Permissions: actions(m.Permissions),
		}
	}
	return r.read("", body)
}
