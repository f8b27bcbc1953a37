// Package demo fills an empty database with the invented city of Tân Giang: agencies, people in
// every role, documents on their way and meetings. Everything is made up; the password is known to
// everybody, which is why demo accounts exist in a demo installation only.
package demo

import "nghisu/internal/auth"

// Password is the password of every demo account. It keeps our own rules.
const Password = "Tan-Giang.2026-dung-thu"

// showcase are the accounts that the sign-in page lists, in its order: one per part in the story.
var showcase = []string{
	"vp_hoangthuha", "ub_nguyenhuuthanh", "vp_phamvanduc", "vp_nongthicamtu", "stc_vudinhkhai", "stc_nguyenthidiep",
	"bachdang_phanthikimoanh", "bachdang_dothilananh", "vp_trinhthuphuong", "skhcn_leminhdat", "skhcn_ngoquangvinh", "ttr_bachthikiem",
}

// Logins are the accounts that the sign-in page of a demo lists.
func Logins() []auth.DemoLogin {
	logins := make([]auth.DemoLogin, len(showcase))
	for i, name := range showcase {
		logins[i] = auth.DemoLogin{Username: name, Password: Password}
	}
	return logins
}
