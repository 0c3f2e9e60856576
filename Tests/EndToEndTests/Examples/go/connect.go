// A web app whose users connect an account through Symbolon. Needs nothing but Go's standard library.
//
//	SYMBOLON_API_KEY=sym_… go run connect.go
package main

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"net/url"
	"os"
	"sync"
)

var (
	symbolon    = setting("SYMBOLON_URL", "http://127.0.0.1:8080")
	key         = os.Getenv("SYMBOLON_API_KEY")
	integration = setting("INTEGRATION", "sandbox")
	providerAPI = setting("PROVIDER_API", symbolon+"/sandbox/userinfo")
	port        = setting("PORT", "3000")
	pending     sync.Map // our own session → the flow that it began
)

func setting(name, standard string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return standard
}

func call(method, url, credential string, body, answer any) error {
	var content bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&content).Encode(body); err != nil {
			return err
		}
	}
	request, err := http.NewRequest(method, url, &content)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+credential)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %s", request.URL.Path, response.Status)
	}
	return json.NewDecoder(response.Body).Decode(answer)
}

func begin(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/" {
		http.NotFound(w, r)
		return
	}
	var flow struct{ State, Auth_url string }
	err := call("POST", symbolon+"/api/v1/oauth/initiate", key, map[string]string{
		"integration_id": integration, "redirect_uri": "http://localhost:" + port + "/connected"}, &flow)
	state, _ := base64.RawURLEncoding.DecodeString(flow.State)
	random := make([]byte, 16)
	if _, randomErr := rand.Read(random); err != nil || randomErr != nil || len(state) < 32 {
		http.Error(w, "Symbolon does not answer.", http.StatusBadGateway)
		return
	}
	session := base64.RawURLEncoding.EncodeToString(random)
	// The flow id is the first half of the 32 octets that the state ends with.
	pending.Store(session, base64.RawURLEncoding.EncodeToString(state[len(state)-32:len(state)-16]))
	http.SetCookie(w, &http.Cookie{
		Name: "session", Value: session, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
	http.Redirect(w, r, flow.Auth_url, http.StatusSeeOther)
}

func finish(w http.ResponseWriter, r *http.Request) {
	var flowID any
	if cookie, err := r.Cookie("session"); err == nil {
		flowID, _ = pending.LoadAndDelete(cookie.Value)
	}
	hints := r.URL.Query()
	if hints.Get("status") != "success" {
		http.Error(w, "Not connected: "+hints.Get("error"), http.StatusBadRequest)
		return
	}
	// Anybody can write an address with a connection_id. What counts is the connection as Symbolon has it, and that
	// it came of the flow that this very session began.
	path := symbolon + "/api/v1/connections/" + url.PathEscape(hints.Get("connection_id"))
	var connection struct{ ID, Flow_id string }
	if err := call("GET", path, key, nil, &connection); err != nil {
		http.Error(w, "There is no such connection.", http.StatusForbidden)
		return
	}
	if connection.Flow_id != flowID {
		http.Error(w, "This connection is not of your making.", http.StatusForbidden)
		return
	}
	// Refreshed when it is due; ask whenever you need one.
	var token struct{ Access_token string }
	var account struct{ Email, Login string }
	if call("GET", path+"/token", key, nil, &token) != nil ||
		call("GET", providerAPI, token.Access_token, nil, &account) != nil {
		http.Error(w, "The account cannot be read.", http.StatusBadGateway)
		return
	}
	if account.Email == "" {
		account.Email = account.Login
	}
	fmt.Fprintf(w, "Connected %s: %s", connection.ID, account.Email)
}

func main() {
	http.HandleFunc("/connected", finish)
	http.HandleFunc("/", begin)
	fmt.Printf("Open http://localhost:%s/\n", port)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+port, nil))
}
