package auth

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestCheckPassword(t *testing.T) {
	cases := map[string]struct {
		password string
		want     []string
	}{
		"mixed of fourteen":              {"Tram-Nam-7-Que", nil},
		"phrase of twenty":               {"mua xuan ve tren ben song", nil},
		"phrase with Vietnamese marks":   {"mùa xuân về trên bến sông", nil},
		"short":                          {"Ab1!xyzk", []string{"auth.password_short"}},
		"lower case and digits only":     {"abdhekslw93746", []string{"auth.password_needs_upper", "auth.password_needs_other"}},
		"lacks a digit":                  {"Tram-Nam-Bay-Q", []string{"auth.password_needs_digit"}},
		"few different characters":       {"aaaaaaaaaaaaaaaaaaaaaa", []string{"auth.password_repeats"}},
		"holds the username":             {"Vp_PhamVanDuc!2026", []string{"auth.password_has_name"}},
		"holds the name with marks":      {"Phạm Văn Đức-2026-x", []string{"auth.password_has_name"}},
		"holds the name part of account": {"7x!phamvanduc-QRS", []string{"auth.password_has_name"}},
		"common with ornament":           {"Matkhau@123456", []string{"auth.password_common"}},
		"control character":              {"Tram-Nam-7-Que\x00", []string{"auth.password_characters"}},
		"too long":                       {strings.Repeat("abcdefgh", 26), []string{"auth.password_long"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, f := range checkPassword("new_password", c.password, "vp_phamvanduc", "Phạm Văn Đức") {
				got = append(got, f.Key)
				if f.Path != "new_password" {
					t.Errorf("path %q", f.Path)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestLockFor(t *testing.T) {
	for failures, want := range map[int]time.Duration{0: 0, 4: 0, 5: 15 * time.Minute, 6: 0, 10: time.Hour, 15: 4 * time.Hour, 20: 12 * time.Hour, 500: 12 * time.Hour} {
		if got := lockFor(failures); got != want {
			t.Errorf("after %d failures: %v, want %v", failures, got, want)
		}
	}
}

func TestNextStep(t *testing.T) {
	cases := []struct {
		mustChange, factorDue, chosen bool
		want                          Next
	}{
		{false, false, true, Done}, {false, false, false, ChooseAppointment}, {true, false, true, MustChange},
		{true, true, true, SecondFactor}, {false, true, false, SecondFactor},
	}
	for _, c := range cases {
		if got := nextStep(c.mustChange, c.factorDue, c.chosen); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

func TestDevice(t *testing.T) {
	for agent, want := range map[string]string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36":                  "Chrome · Windows",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0":        "Edge · Windows",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile Safari/604.1": "Safari · iPhone",
		"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0":                                                           "Firefox · Linux",
		"curl/8.5.0": "curl/8.5.0",
		"":           "",
	} {
		if got := device(agent); got != want {
			t.Errorf("%q: %q, want %q", agent, got, want)
		}
	}
}

func TestTemporaryPassword(t *testing.T) {
	a, err := temporaryPassword()
	if err != nil {
		t.Fatal(err)
	}
	b, _ := temporaryPassword()
	if len(a) != 19 || a == b {
		t.Errorf("%q, %q", a, b)
	}
}
