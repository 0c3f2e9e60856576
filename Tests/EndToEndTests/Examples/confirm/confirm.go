package main

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"os"
	"strconv"
)

type object = map[string]any

func call(path string, body object) (answer object, err error) {
	text, _ := json.Marshal(body)
	request, _ := http.NewRequest("POST", os.Getenv("SYMBOLON_URL")+path, bytes.NewReader(text))
	request.Header.Set("Authorization", "Bearer "+os.Getenv("SYMBOLON_API_KEY"))
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, errors.New(strconv.Itoa(response.StatusCode))
	}
	return answer, json.NewDecoder(response.Body).Decode(&answer)
}

// begin: the user asks to connect an account. The answer's auth_url is the address to send the browser to.
func begin(session map[string]string, integration, redirectURI string) (object, error) {
	octets := make([]byte, 32)
	rand.Read(octets)
	session["binding_secret"] = base64.RawURLEncoding.EncodeToString(octets)
	digest := sha256.Sum256([]byte(session["binding_secret"]))
	return call("/api/v1/oauth/initiate", object{"integration_id": integration, "redirect_uri": redirectURI,
		"binding": base64.RawURLEncoding.EncodeToString(digest[:])})
}

// finish: the browser is back at the redirect URI. The answer has the connection, if this very session began it.
func finish(session map[string]string, query url.Values) (object, error) {
	secret := session["binding_secret"] // of the session that the browser's cookie names, and no other
	delete(session, "binding_secret")
	if query.Get("status") != "confirm" || secret == "" {
		return nil, errors.New("here")
	}
	return call("/api/v1/oauth/complete", object{"ticket": query.Get("ticket"), "binding_secret": secret})
}
