package main

import (
	"bufio"
	"fmt"
	"net/url"
	"os"
	"strings"
)

// Lets a test play the browsers: `begin SESSION INTEGRATION URI` and `finish SESSION URL`, a line each.
func main() {
	sessions := map[string]map[string]string{}
	fmt.Println("ready")
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		name := words[1]
		if sessions[name] == nil {
			sessions[name] = map[string]string{}
		}
		if words[0] == "begin" {
			answer, err := begin(sessions[name], words[2], words[3])
			report(name, "open", answer["auth_url"], err)
			continue
		}
		address, err := url.Parse(words[2])
		if err != nil {
			report(name, "", nil, err)
			continue
		}
		answer, err := finish(sessions[name], address.Query())
		connection, _ := answer["connection"].(object)
		report(name, "connected", connection["id"], err)
	}
}

func report(name, word string, value any, err error) {
	if err != nil {
		fmt.Println("refused", name, err)
		return
	}
	fmt.Println(word, name, value)
}
