package main

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"golang.org/x/oauth2"
)

// A flow, from initiate to its callback.
type flow struct {
	Integration string   `json:"integration"`
	AuthMethod  string   `json:"auth_method"`
	Workspace   string   `json:"workspace"`
	Scopes      []string `json:"scopes"`
	RedirectURI string   `json:"redirect_uri"`
	Verifier    string   `json:"verifier"`
	IssuedAt    int64    `json:"issued_at"`
}

type request struct {
	IntegrationID string   `json:"integration_id"`
	AuthMethodID  string   `json:"auth_method_id"`
	Scopes        []string `json:"scopes"`
	RedirectURI   string   `json:"redirect_uri"`
}

type response struct {
	AuthURL       string `json:"auth_url"`
	State         string `json:"state"`
	IntegrationID string `json:"integration_id"`
}

type initiate struct {
	pending     pendingFlows
	key         [sha256.Size]byte
	allowed     map[string]bool
	integration string
}

var client = oauth2.Config{
	ClientID:     "407408718192.apps.googleusercontent.com",
	ClientSecret: "bench-client-secret",
	Endpoint: oauth2.Endpoint{
		AuthURL:   "https://accounts.google.com/o/oauth2/v2/auth",
		TokenURL:  "https://oauth2.googleapis.com/token",
		AuthStyle: oauth2.AuthStyleInParams,
	},
	RedirectURL: "https://connect.example.com/api/v1/oauth/callback/gmail",
}

func (i *initiate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	key := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	if hashOf(key) != i.key {
		http.Error(w, "unauthorized", http.StatusUnauthorized)
		return
	}
	asked := request{AuthMethodID: "oauth2", Scopes: []string{}}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 16<<10)).Decode(&asked); err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	if asked.IntegrationID != i.integration || asked.AuthMethodID != "oauth2" || !i.allowed[asked.RedirectURI] {
		http.Error(w, "unprocessable", http.StatusUnprocessableEntity)
		return
	}
	verifier := randomText()
	state, err := i.pending.keep(r.Context(), &flow{
		asked.IntegrationID, asked.AuthMethodID, "wsp_123456789", asked.Scopes, asked.RedirectURI, verifier,
		time.Now().Unix(),
	})
	if err != nil {
		http.Error(w, "unavailable", http.StatusServiceUnavailable)
		return
	}
	config := client
	config.Scopes = asked.Scopes
	challenge := sha256.Sum256([]byte(verifier))
	url := config.AuthCodeURL(state, oauth2.AccessTypeOffline, oauth2.ApprovalForce,
		oauth2.SetAuthURLParam("code_challenge_method", "S256"),
		oauth2.SetAuthURLParam("code_challenge", base64.RawURLEncoding.EncodeToString(challenge[:])))
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	json.NewEncoder(w).Encode(response{url, state, asked.IntegrationID})
}

// 32 random octets in base64url: a code verifier, or the name of a pending flow.
func randomText() string {
	var octets [32]byte
	if _, err := rand.Read(octets[:]); err != nil {
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString(octets[:])
}

func hashOf(key string) [sha256.Size]byte { return sha256.Sum256([]byte(key)) }
