package main

import (
	"context"
	"time"
)

// debate is a meeting that goes on over all crashes: people ask to speak, are called and end.
type debate struct {
	*crashCity
	id    string
	chair *clerk
}

// hold opens a meeting of the city: its secretary prepares it, the leader chairs, the recipients are members.
func (city *crashCity) hold(secretary *clerk) *debate {
	city.t.Helper()
	d := &debate{crashCity: city, chair: city.leader}
	people := []object{}
	for _, r := range city.recipients {
		people = append(people, object{"appointment_id": r.appointment, "role": "point"})
	}
	now := time.Now().UTC()
	var m struct{ ID string }
	secretary.must("POST", "/meetings", object{"title": "Họp qua sự cố", "starts_at": now.Add(time.Minute), "ends_at": now.Add(3 * time.Hour), "online": true,
		"chair_id": d.chair.appointment, "items": []object{{"title": "Thảo luận", "minutes": 60}}}, &m)
	d.id = m.ID
	secretary.must("PUT", "/meetings/"+m.ID+"/invitations", object{"people": people}, nil)
	secretary.must("POST", "/meetings/"+m.ID+"/convene", nil, nil)
	d.chair.must("POST", "/meetings/"+m.ID+"/open", nil, nil)
	return d
}

// path is an address of the floor.
func (d *debate) path(rest string) string { return "/meetings/" + d.id + "/floor" + rest }

// turns lets everybody ask, then the chair call one after the other, and end the last.
func (d *debate) turns(ctx context.Context, book *ledger) error {
	var last string
	for _, r := range d.recipients {
		var turn struct{ ID string }
		if err := r.call(ctx, request{method: "POST", path: d.path("/turns"), body: object{"topic": "Ý kiến"}}, &turn); err != nil {
			return err
		}
		book.add(fact{"asked to speak", d.chair, turn.ID, ""})
	}
	for range d.recipients {
		var floor struct{ Now struct{ ID string } }
		if err := d.chair.call(ctx, request{method: "POST", path: d.path("/call"), body: object{}}, &floor); err != nil {
			return err
		}
		last = floor.Now.ID
		book.add(fact{"called to speak", d.chair, last, ""})
	}
	if err := d.chair.call(ctx, request{method: "POST", path: d.path("/turns/" + last + "/end")}, nil); err != nil {
		return err
	}
	book.add(fact{"spoke", d.chair, last, ""})
	return nil
}

// check asks the server whether the turns that were acknowledged are there: in the queue, speaking or in the record.
func (d *debate) check(facts []fact) {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.t.Context(), 60*time.Second)
	defer cancel()
	type turn struct{ ID, State string }
	var floor struct {
		Waiting []turn
	}
	var record struct{ Items []turn }
	err := d.chair.call(ctx, request{method: "GET", path: d.path("")}, &floor)
	if err == nil { // the record is read after the queue, so that a turn which goes on meanwhile is in one of the two
		err = d.chair.call(ctx, request{method: "GET", path: d.path("/record")}, &record)
	}
	if err != nil {
		d.t.Errorf("read the floor: %v", err)
		return
	}
	rank := map[string]int{}
	for _, w := range floor.Waiting {
		rank[w.ID] = 1
	}
	for _, r := range record.Items {
		rank[r.ID] = map[string]int{"speaking": 2, "spoken": 3}[r.State]
	}
	for _, f := range facts {
		least := map[string]int{"asked to speak": 1, "called to speak": 2, "spoke": 3}[f.kind]
		if rank[f.id] < least {
			d.t.Errorf("turn %s: %s was acknowledged, and it stands at %d", f.id, f.kind, rank[f.id])
		}
	}
}
