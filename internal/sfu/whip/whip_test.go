package whip_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"nghisu/internal/sfu"
	"nghisu/internal/sfu/whip"
)

func serve(t *testing.T) (*sfu.Server, string) {
	t.Helper()
	s, err := sfu.New(sfu.Config{Listen: "127.0.0.1:0", Loopback: true, MaxParticipants: 3})
	if err != nil {
		t.Fatal(err)
	}
	h := &whip.Handler{Server: s, Log: slog.New(slog.DiscardHandler), Authorize: func(_ *http.Request, token string, send bool, id string) (whip.Grant, error) {
		switch token {
		case "good":
			if send {
				return whip.Grant{Room: "r", ID: id}, nil
			}
			return whip.Grant{Room: "r", Only: id}, nil
		case "viewer":
			if !send {
				return whip.Grant{Room: "r"}, nil
			}
			return whip.Grant{}, whip.ErrForbidden
		}
		return whip.Grant{}, whip.ErrUnauthorized
	}}
	mux := http.NewServeMux()
	h.Routes(mux.HandleFunc)
	web := httptest.NewServer(mux)
	t.Cleanup(func() {
		web.Close()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, web.URL
}

func newPC(t *testing.T) *webrtc.PeerConnection {
	t.Helper()
	var se webrtc.SettingEngine
	se.SetIncludeLoopbackCandidate(true)
	pc, err := webrtc.NewAPI(webrtc.WithSettingEngine(se)).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pc.GracefulClose() })
	return pc
}

// post offers and takes the answer; it returns the session's address.
func post(t *testing.T, url, path, token string, pc *webrtc.PeerConnection) (status int, session string) {
	t.Helper()
	o, err := pc.CreateOffer(nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := pc.SetLocalDescription(o); err != nil {
		t.Fatal(err)
	}
	res := request(t, "POST", url+path, token, "application/sdp", o.SDP)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode == http.StatusCreated {
		if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: string(body)}); err != nil {
			t.Fatal(err)
		}
	}
	return res.StatusCode, res.Header.Get("Location")
}

func request(t *testing.T, method, url, token, contentType, body string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", contentType)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// One device sends by WHIP, another receives by WHEP, until the first says that it ends.
func TestHandler_sendAndReceive(t *testing.T) {
	s, url := serve(t)
	from := newPC(t)
	track, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus}, "a", "s")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := from.AddTransceiverFromTrack(track, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly}); err != nil {
		t.Fatal(err)
	}
	status, session := post(t, url, "/whip/hall", "good", from)
	if status != http.StatusCreated || session == "" {
		t.Fatal(status, session)
	}
	to := newPC(t)
	if _, err := to.AddTransceiverFromKind(webrtc.RTPCodecTypeAudio, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}); err != nil {
		t.Fatal(err)
	}
	heard := make(chan string, 1)
	to.OnTrack(func(r *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		if p, _, err := r.ReadRTP(); err == nil {
			heard <- string(p.Payload)
		}
	})
	if status, _ := post(t, url, "/whep/hall", "viewer", to); status != http.StatusCreated {
		t.Fatal(status)
	}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	end := time.After(20 * time.Second)
	for n := uint16(0); ; n++ {
		select {
		case got := <-heard:
			if got != "xin chào" {
				t.Fatalf("heard %q", got)
			}
			again := newPC(t)
			if _, err := again.AddTransceiverFromKind(webrtc.RTPCodecTypeAudio); err != nil {
				t.Fatal(err)
			}
			if status, _ := post(t, url, "/whip/hall", "good", again); status != http.StatusConflict {
				t.Errorf("a second sender of the name: %d", status)
			}
			if res := request(t, "DELETE", url+session, "good", "", ""); res.StatusCode != http.StatusOK {
				t.Errorf("ending: %d", res.StatusCode)
			}
			if res := request(t, "DELETE", url+session, "good", "", ""); res.StatusCode != http.StatusNotFound {
				t.Errorf("ending twice: %d", res.StatusCode)
			}
			if n := s.Stats().Participants; n != 1 {
				t.Errorf("%d participants are left, want the receiver", n)
			}
			return
		case <-tick.C:
			_ = track.WriteRTP(&rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: n, Timestamp: uint32(n) * 480}, Payload: []byte("xin chào")})
		case <-end:
			t.Fatal("nothing was heard")
		}
	}
}

func TestHandler_refusals(t *testing.T) {
	_, url := serve(t)
	for name, c := range map[string]struct {
		path, token, contentType, body string
		want                           int
	}{
		"no token":        {"/whip/x", "", "application/sdp", "v=0", http.StatusUnauthorized},
		"another token":   {"/whep", "guess", "application/sdp", "v=0", http.StatusUnauthorized},
		"viewer sends":    {"/whip/x", "viewer", "application/sdp", "v=0", http.StatusForbidden},
		"no description":  {"/whip/x", "good", "application/sdp", "xin chào", http.StatusBadRequest},
		"another type":    {"/whip/x", "good", "application/json", "{}", http.StatusUnsupportedMediaType},
		"too long":        {"/whip/x", "good", "application/sdp", strings.Repeat("a", 300<<10), http.StatusRequestEntityTooLarge},
		"unknown session": {"/sessions/abc", "good", "application/sdp", "", http.StatusMethodNotAllowed},
	} {
		res := request(t, "POST", url+c.path, c.token, c.contentType, c.body)
		if res.StatusCode != c.want {
			t.Errorf("%s: %d, want %d", name, res.StatusCode, c.want)
		}
		if c.want == http.StatusUnauthorized && res.Header.Get("WWW-Authenticate") != "Bearer" {
			t.Errorf("%s: no challenge", name)
		}
	}
}
