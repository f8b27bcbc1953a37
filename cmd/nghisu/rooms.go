package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"syscall"

	"github.com/prometheus/client_golang/prometheus"

	"nghisu/internal/conference"
	"nghisu/internal/sfu"
	"nghisu/internal/sfu/relay"
)

// buildRooms opens the media port and makes the rooms of online meetings.
func (n *node) buildRooms() error {
	cfg := sfu.Config{Listen: n.cfg.Media.Listen, ListenTCP: n.cfg.Media.Listen, Loopback: isLoopback(n.cfg.Listen), Log: n.log}
	if text := n.cfg.Media.Announce; text != "" {
		at, err := announced(text)
		if err != nil {
			return err
		}
		cfg.Announce = []netip.AddrPort{at}
	}
	media, err := sfu.New(cfg)
	if errors.Is(err, syscall.EADDRINUSE) { // the TCP port is a help where UDP is blocked, not a need
		n.log.Warn("media only over UDP: the TCP port is taken", "address", cfg.ListenTCP)
		cfg.ListenTCP = ""
		media, err = sfu.New(cfg)
	}
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("another program uses UDP %s already: end it, or choose another address with --media-listen", cfg.Listen)
	}
	if err != nil {
		return err
	}
	host, err := os.Hostname()
	if err != nil {
		return errors.Join(fmt.Errorf("name of this machine: %w", err), media.Close())
	}
	n.media = media
	if err := n.buildRelay(); err != nil {
		return errors.Join(err, media.Close())
	}
	n.services.conference = conference.New(conference.Deps{DB: n.data.db, Meetings: n.services.meetings, Media: media, Feed: n.feed,
		Hub: n.hub, Log: n.log, Address: host + " " + n.cfg.Media.Listen, ICEServers: n.iceServers, Metrics: n.metrics})
	return nil
}

// announced reads IP[:PORT].
func announced(text string) (netip.AddrPort, error) {
	if at, err := netip.ParseAddrPort(text); err == nil {
		return at, nil
	}
	ip, err := netip.ParseAddr(text)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("--media-announce %s: an IP address, with a port or without, is needed", text)
	}
	return netip.AddrPortFrom(ip, 0), nil
}

// isLoopback tells whether the web server is reached from this machine only or by a proxy on it: then
// browsers on this machine must reach the media too.
func isLoopback(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || (err == nil && ip.IsLoopback())
}

// meterRooms shows the media plane's counters to Prometheus.
func (n *node) meterRooms(r prometheus.Registerer) {
	figure := func(name, help string, value func(sfu.Stats) int64) prometheus.CounterFunc {
		return prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "nghisu_sfu_" + name, Help: help},
			func() float64 { return float64(value(n.media.Stats())) })
	}
	now := func(name, help string, value func(sfu.Stats) int64) prometheus.GaugeFunc {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "nghisu_sfu_" + name, Help: help},
			func() float64 { return float64(value(n.media.Stats())) })
	}
	r.MustRegister(
		now("rooms", "Rooms with somebody in them.", func(s sfu.Stats) int64 { return s.Rooms }),
		now("participants", "Connections to rooms.", func(s sfu.Stats) int64 { return s.Participants }),
		figure("received_packets_total", "RTP packets from publishers.", func(s sfu.Stats) int64 { return s.Received }),
		figure("forwarded_packets_total", "RTP packets to receivers.", func(s sfu.Stats) int64 { return s.Forwarded }),
		figure("forwarded_bytes_total", "Payload bytes to receivers.", func(s sfu.Stats) int64 { return s.Bytes }),
		figure("resent_packets_total", "RTP packets sent again because receivers missed them.", func(s sfu.Stats) int64 { return s.Resent }),
	)
	n.meterRejects(r)
	if n.relay != nil {
		meterRelay(r, n.relay)
	}
}

// meterRelay shows the relay's counters.
func meterRelay(r prometheus.Registerer, relayed *relay.Relay) {
	r.MustRegister(
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "nghisu_relay_ways", Help: "Ways that are open through the relay."},
			func() float64 { return float64(relayed.Stats().Open) }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "nghisu_relay_ways_opened_total", Help: "Ways that were opened through the relay."},
			func() float64 { return float64(relayed.Stats().Opened) }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "nghisu_relay_ways_refused_total", Help: "Ways that a person's quota, or that of all, did not allow."},
			func() float64 { return float64(relayed.Stats().Refused) }),
	)
	for why, value := range map[string]func(relay.Stats) int64{
		"credentials": func(s relay.Stats) int64 { return s.Credentials },
		"address":     func(s relay.Stats) int64 { return s.Addresses },
		"connection":  func(s relay.Stats) int64 { return s.Connections },
	} {
		r.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "nghisu_relay_rejected_total",
			Help:        "What the relay did not let in: docs/security-media.md tells the reasons.",
			ConstLabels: prometheus.Labels{"reason": why}}, func() float64 { return float64(value(relayed.Stats())) }))
	}
}

// meterRejects shows what the media plane did not let in, by why.
func (n *node) meterRejects(r prometheus.Registerer) {
	for why, value := range map[string]func(sfu.Stats) int64{
		"unknown":   func(s sfu.Stats) int64 { return s.Dropped },
		"check":     func(s sfu.Stats) int64 { return s.Checks },
		"keys":      func(s sfu.Stats) int64 { return s.Refused },
		"forged":    func(s sfu.Stats) int64 { return s.Forged },
		"flood":     func(s sfu.Stats) int64 { return s.Flood },
		"handshake": func(s sfu.Stats) int64 { return s.Waited },
		"stream":    func(s sfu.Stats) int64 { return s.Streams },
	} {
		r.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "nghisu_sfu_rejected_total",
			Help:        "What the media plane did not let in: docs/security-media.md tells the reasons.",
			ConstLabels: prometheus.Labels{"reason": why}}, func() float64 { return float64(value(n.media.Stats())) }))
	}
}

// closeRooms ends the media plane.
func (n *node) closeRooms() error {
	var err error
	if n.relay != nil {
		err = n.relay.Close()
	}
	if n.media == nil {
		return err
	}
	return errors.Join(err, n.media.Close())
}
