package access

import (
	"testing"

	"nghisu/internal/errs"
	"nghisu/internal/id"
)

func TestActor(t *testing.T) {
	mine, other := id.New[id.Agency](), id.New[id.Agency]()
	clerk := Actor{Agency: mine, Roles: []Role{Clerk, Secretary}}
	cases := map[string]struct {
		err  error
		want errs.Code
	}{
		"a role that is held":                  {clerk.Need(Clerk), ""},
		"one of several":                       {clerk.Need(Leader, Secretary), ""},
		"a role that is not held":              {clerk.Need(Leader), errs.Forbidden},
		"no role asked for":                    {clerk.Need(), errs.Forbidden},
		"own agency":                           {clerk.NeedInAgency(mine), ""},
		"own agency with the role":             {clerk.NeedInAgency(mine, Clerk), ""},
		"own agency without the role":          {clerk.NeedInAgency(mine, Leader), errs.Forbidden},
		"another agency learns nothing":        {clerk.NeedInAgency(other, Clerk), errs.NotFound},
		"nobody, on a thing without an agency": {Actor{}.NeedInAgency(mine), errs.NotFound},
	}
	for name, c := range cases {
		if got := errs.CodeOf(c.err); got != c.want {
			t.Errorf("%s: got %q", name, got)
		}
	}
}
