package main

import "testing"

// A whole node, sockets and connections: everybody hears whom the chair calls.
func TestBenchFloor(t *testing.T) {
	c := benchFloorCommand{Receivers: 3, Calls: 3}
	got, err := c.serveAndMeasure(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got.Calls != 3 || got.Receivers != 3 || got.P50 <= 0 || got.Told50 <= 0 || got.P50 < got.First50 || got.Max < got.P50 {
		t.Errorf("%+v", got)
	}
}
