package id

import (
	"encoding/json"
	"testing"
)

func TestID(t *testing.T) {
	a, b := New[Meeting](), New[Meeting]()
	if a == b || a.String() > b.String() || a.Version() != 7 {
		t.Errorf("not in the order of making: %s %s", a, b)
	}
	back, err := Parse[Meeting](a.String())
	if err != nil || back != a {
		t.Errorf("parse: %v %v", back, err)
	}
	if _, err := Parse[Meeting]("x"); err == nil {
		t.Error("parsed nonsense")
	}
	if !IsZero(Meeting{}) || IsZero(a) {
		t.Error("IsZero")
	}
	body, err := json.Marshal(map[string]any{"id": a})
	if err != nil || string(body) != `{"id":"`+a.String()+`"}` {
		t.Errorf("JSON %s %v", body, err)
	}
}
