package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// Lists is what a measurement of the list of incoming documents found. Times are milliseconds from
// the sending of a request to the last byte of its answer.
type Lists struct {
	P50        float64 `json:"incoming_p50_ms"`
	P90        float64 `json:"incoming_p90_ms"`
	P99        float64 `json:"incoming_p99_ms"`
	Max        float64 `json:"incoming_max_ms"`
	First99    float64 `json:"incoming_first_page_p99_ms"`
	Deep99     float64 `json:"incoming_deep_page_p99_ms"`
	Filtered99 float64 `json:"incoming_filtered_p99_ms"`
	Requests   int     `json:"requests"`
	Queries    int     `json:"queries"` // different combinations of filters
	Deliveries int     `json:"deliveries"`
	Incoming   int     `json:"agency_deliveries"`
	Slowest    string  `json:"slowest"`
}

// pageSize is how many documents a page shows.
const pageSize = 50

// ask is one page of one combination of filters.
type ask struct {
	query    string
	deep     bool
	filtered bool
}

// sample is one measured request.
type sample struct {
	ask
	took time.Duration
}

// MeasureLists asks the server at base, signed in by the client's cookies, for requests pages of
// incoming documents: every combination of the filters, first and deep pages, in random order of a
// fixed seed. The walk that finds the cursors of deep pages before is not measured.
func MeasureLists(ctx context.Context, client *http.Client, base string, city City, requests int) (Lists, error) {
	combinations := combine(city)
	var asks []ask
	for _, q := range combinations {
		pages, err := walk(ctx, client, base, q)
		if err != nil {
			return Lists{}, err
		}
		asks = append(asks, pages...)
	}
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a mix of requests, no secret
	samples := make([]sample, 0, requests)
	for range requests {
		a := asks[random.IntN(len(asks))]
		if random.IntN(2) == 0 { // half of all requests are first pages
			a = ask{query: combinations[random.IntN(len(combinations))].Encode()}
		}
		if random.IntN(4) == 0 { // and a quarter has no filter, as most of the day
			a.query = combinations[0].Encode()
		}
		began := time.Now()
		if _, err := fetch(ctx, client, base, a.query); err != nil {
			return Lists{}, err
		}
		a.filtered = a.query != combinations[0].Encode()
		samples = append(samples, sample{a, time.Since(began)})
	}
	return sum(samples, combinations, city), nil
}

// combine makes every combination of the filters; the first has none.
func combine(city City) []url.Values {
	var out []url.Values
	for _, state := range []string{"all", "waiting", "accepted", "refused"} {
		for _, urgency := range []string{"", "0", "1", "2", "3"} {
			for _, sender := range []string{"", city.BigSender.String(), city.RareSender.String()} {
				for _, days := range [][2]string{{}, {"", city.Days[0]}, {city.Days[0], city.Days[1]}, {city.Days[1], ""}} {
					q := url.Values{"state": {state}, "limit": {strconv.Itoa(pageSize)}}
					for name, value := range map[string]string{"urgency": urgency, "sender_id": sender, "from": days[0], "to": days[1]} {
						if value != "" {
							q.Set(name, value)
						}
					}
					out = append(out, q)
				}
			}
		}
	}
	return out
}

// walkPages is how far a walk goes with filters; without any it goes to the end.
const walkPages = 30

// walk follows a list page by page and keeps where it came by.
func walk(ctx context.Context, client *http.Client, base string, q url.Values) ([]ask, error) {
	q = copyOf(q)
	asks := []ask{{query: q.Encode()}}
	for page := 1; ; page++ {
		next, err := fetch(ctx, client, base, q.Encode())
		if err != nil {
			return nil, err
		}
		if next == "" || page == walkPages && len(q) > 3 {
			return asks, nil
		}
		q.Set("after", next)
		if page < walkPages || page%10 == 0 {
			asks = append(asks, ask{query: q.Encode(), deep: true})
		}
	}
}

func copyOf(q url.Values) url.Values {
	c := url.Values{}
	for k, v := range q {
		c[k] = slices.Clone(v)
	}
	return c
}

// fetch asks for one page, reads it whole and gives the cursor of the next.
func fetch(ctx context.Context, client *http.Client, base, query string) (next string, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/api/v1/deliveries?"+query, nil)
	if err != nil {
		return "", err
	}
	res, err := client.Do(req)
	if err != nil {
		return "", err
	}
	body, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if err != nil {
		return "", err
	}
	if res.StatusCode != http.StatusOK {
		return "", fmt.Errorf("list %s: %s: %.300s", query, res.Status, body)
	}
	var page struct {
		Items []struct{} `json:"items"`
		Next  string     `json:"next"`
	}
	if err := json.Unmarshal(body, &page); err != nil {
		return "", fmt.Errorf("list %s: %w", query, err)
	}
	if page.Next != "" && len(page.Items) != pageSize {
		return "", fmt.Errorf("list %s: %d documents on a page with a next one", query, len(page.Items))
	}
	return page.Next, nil
}

func sum(samples []sample, combinations []url.Values, city City) Lists {
	pick := func(p float64, keep func(sample) bool) float64 {
		var took []time.Duration
		for _, s := range samples {
			if keep(s) {
				took = append(took, s.took)
			}
		}
		return percentile(took, p)
	}
	all := func(sample) bool { return true }
	slowest := slices.MaxFunc(samples, func(a, b sample) int { return int(a.took - b.took) })
	return Lists{
		P50: pick(0.5, all), P90: pick(0.9, all), P99: pick(0.99, all), Max: pick(1, all),
		First99:    pick(0.99, func(s sample) bool { return !s.deep }),
		Deep99:     pick(0.99, func(s sample) bool { return s.deep }),
		Filtered99: pick(0.99, func(s sample) bool { return s.filtered }),
		Requests:   len(samples), Queries: len(combinations), Deliveries: city.Deliveries, Incoming: city.Incoming,
		Slowest: slowest.query,
	}
}

// percentile is the smallest time that the given part of all does not exceed, in milliseconds.
func percentile(took []time.Duration, part float64) float64 {
	if len(took) == 0 {
		return 0
	}
	slices.Sort(took)
	n := int(float64(len(took))*part+0.999999) - 1
	return float64(took[min(max(n, 0), len(took)-1)].Microseconds()) / 1000
}
