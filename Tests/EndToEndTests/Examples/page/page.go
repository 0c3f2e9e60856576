// A web app with a page of its own, on which users connect accounts with symbolon.js. Needs nothing but Go's standard
// library.
//
//	SYMBOLON_API_KEY=sym_… go run page.go
package main

import (
	"bytes"
	"crypto/rand"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
)

//go:embed accounts.html
var page string

var (
	symbolon = setting("SYMBOLON_URL", "http://127.0.0.1:8080")
	key      = os.Getenv("SYMBOLON_API_KEY")
	port     = setting("PORT", "3000")
	users    sync.Map // our own session → its user; here each browser is a user
)

func setting(name, standard string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return standard
}

func call(method, path string, body, answer any) error {
	var content bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&content).Encode(body); err != nil {
			return err
		}
	}
	request, err := http.NewRequest(method, symbolon+path, &content)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+key)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %s", path, response.Status)
	}
	return json.NewDecoder(response.Body).Decode(answer)
}

func user(r *http.Request) string {
	cookie, err := r.Cookie("session")
	if err != nil {
		return ""
	}
	found, _ := users.Load(cookie.Value)
	name, _ := found.(string)
	return name
}

func random() string {
	octets := make([]byte, 16)
	if _, err := rand.Read(octets); err != nil {
		log.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(octets)
}

func show(w http.ResponseWriter, r *http.Request) {
	if user(r) == "" {
		session := random()
		users.Store(session, "user_"+random())
		http.SetCookie(w, &http.Cookie{
			Name: "session", Value: session, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	fmt.Fprint(w, strings.Replace(page, "{symbolon}", symbolon, 1))
}

func session(w http.ResponseWriter, r *http.Request) {
	if user(r) == "" || r.Method != http.MethodPost {
		http.Error(w, "{}", http.StatusUnauthorized)
		return
	}
	var made struct {
		Connect_url string `json:"connect_url"`
	}
	if call("POST", "/api/v1/connect/sessions", map[string]string{"user_id": user(r)}, &made) != nil {
		http.Error(w, "{}", http.StatusBadGateway)
		return
	}
	respond(w, made)
}

func accounts(w http.ResponseWriter, r *http.Request) {
	if user(r) == "" {
		http.Error(w, "{}", http.StatusUnauthorized)
		return
	}
	var found struct {
		Data []struct {
			Integration string
			Account     struct{ Label string }
		}
	}
	// Asked with the app's own key: what a browser says of connections counts for nothing.
	if call("GET", "/api/v1/connections/users/"+url.PathEscape(user(r)), nil, &found) != nil {
		http.Error(w, "{}", http.StatusBadGateway)
		return
	}
	list := []map[string]string{}
	for _, one := range found.Data {
		list = append(list, map[string]string{"integration": one.Integration, "account": one.Account.Label})
	}
	respond(w, list)
}

func respond(w http.ResponseWriter, answer any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if err := json.NewEncoder(w).Encode(answer); err != nil {
		log.Print(err)
	}
}

func main() {
	http.HandleFunc("/", show)
	http.HandleFunc("/session", session)
	http.HandleFunc("/accounts", accounts)
	fmt.Printf("Open http://localhost:%s/\n", port)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+port, nil))
}
